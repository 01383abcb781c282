//! A fake guest's users: their passwords and the keys they log in with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::{Agent, Answer, Call};

/// A fake guest's users, as [`Agent::add_users`] returns them. Clones are handles of the same users.
#[derive(Clone, Debug, Default)]
pub struct Users(Arc<Mutex<BTreeMap<String, User>>>);

/// What a command does with a user.
type Run = fn(&mut User, &Call) -> Answer;

#[derive(Clone, Debug, Default)]
struct User {
    keys: Vec<String>,
    /// In base64, as it was sent.
    password: Option<String>,
}

impl Users {
    /// The keys of a user; none if there is no such user.
    pub fn keys(&self, user: &str) -> Vec<String> {
        self.lock().get(user).map(|user| user.keys.clone()).unwrap_or_default()
    }

    /// The password that was set for a user, in base64 as it was sent.
    pub fn password(&self, user: &str) -> Option<String> {
        self.lock().get(user).and_then(|user| user.password.clone())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, User>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl User {
    fn add_keys(&mut self, call: &Call) -> Answer {
        if call.arguments["reset"] == json!(true) {
            self.keys.clear();
        }
        for key in keys(call) {
            if key.contains(['\r', '\n']) {
                return Answer::error("GenericError", "invalid OpenSSH key");
            }
            if !self.keys.contains(&key) {
                self.keys.push(key);
            }
        }
        Answer::empty()
    }

    fn remove_keys(&mut self, call: &Call) -> Answer {
        let removed: Vec<_> = keys(call).collect();
        self.keys.retain(|key| !removed.contains(key));
        Answer::empty()
    }

    fn set_password(&mut self, call: &Call) -> Answer {
        self.password = call.arguments["password"].as_str().map(str::to_owned);
        Answer::empty()
    }
}

fn keys(call: &Call) -> impl Iterator<Item = String> {
    let keys = call.arguments["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    keys.iter().filter_map(Value::as_str).map(str::to_owned)
}

impl Agent {
    /// Gives the guest users, and the agent the commands for their keys and passwords.
    pub fn add_users(&self, names: impl IntoIterator<Item = impl Into<String>>) -> Users {
        let users = Users::default();
        *users.lock() = names.into_iter().map(|name| (name.into(), User::default())).collect();
        let commands: [(&str, Run); 4] = [
            ("guest-ssh-get-authorized-keys", |user, _| Answer::value(&json!({"keys": user.keys}))),
            ("guest-ssh-add-authorized-keys", User::add_keys),
            ("guest-ssh-remove-authorized-keys", User::remove_keys),
            ("guest-set-user-password", User::set_password),
        ];
        for (name, run) in commands {
            let users = users.clone();
            self.on(name, move |call| {
                let user = call.arguments["username"].as_str().unwrap_or_default();
                match users.lock().get_mut(user) {
                    Some(user) => run(user, call),
                    None => Answer::error("GenericError", "failed to lookup user"),
                }
            });
        }
        users
    }
}
