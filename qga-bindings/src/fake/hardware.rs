//! A fake guest's processors and memory blocks, which can be switched off and on.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::{Agent, Answer, Call};

/// Which of the units are switched on.
type Units = Arc<Mutex<Vec<bool>>>;

impl Agent {
    /// Gives the guest so many processors, and the agent the commands that list them and switch them. The first one cannot be
    /// switched off.
    pub fn add_processors(&self, count: usize) -> &Self {
        let units = Units::new(Mutex::new(vec![true; count]));
        self.on("guest-get-vcpus", list(&units, "logical-id"));
        self.on("guest-set-vcpus", move |call| {
            let wanted = wanted(call, "vcpus", "logical-id");
            for (done, (id, online)) in wanted.iter().enumerate() {
                if let Err(problem) = switch(&units, *id, *online) {
                    // What was done is done, and only told if it is anything.
                    return if done > 0 {
                        Answer::value(&done)
                    } else {
                        Answer::error("GenericError", problem.desc)
                    };
                }
            }
            Answer::value(&wanted.len())
        })
    }

    /// Gives the guest so many memory blocks, and the agent the commands that list them and switch them. The first one cannot
    /// be switched off.
    pub fn add_memory_blocks(&self, count: usize) -> &Self {
        let units = Units::new(Mutex::new(vec![true; count]));
        self.on("guest-get-memory-blocks", list(&units, "phys-index"));
        self.on("guest-set-memory-blocks", move |call| {
            let response = |(id, online): &(usize, bool)| match switch(&units, *id, *online) {
                Ok(()) => json!({"phys-index": id, "response": "success"}),
                Err(problem) => json!({
                    "phys-index": id,
                    "response": problem.response,
                    "error-code": problem.code,
                }),
            };
            let responses: Vec<_> =
                wanted(call, "mem-blks", "phys-index").iter().map(response).collect();
            Answer::value(&responses)
        })
    }
}

struct Problem {
    desc: &'static str,
    response: &'static str,
    code: i64,
}

fn switch(units: &Units, id: usize, online: bool) -> Result<(), Problem> {
    let mut units = units.lock().unwrap_or_else(PoisonError::into_inner);
    let unit = units.get_mut(id).ok_or(Problem {
        desc: "no such unit",
        response: "not-found",
        code: 2,
    })?;
    if id == 0 && !online {
        return Err(Problem {
            desc: "unit #0 can't be offlined",
            response: "operation-failed",
            code: 16,
        });
    }
    *unit = online;
    Ok(())
}

fn list(units: &Units, id: &'static str) -> impl FnMut(&Call) -> Answer + Send + 'static {
    let units = units.clone();
    move |_| {
        let units = units.lock().unwrap_or_else(PoisonError::into_inner);
        let unit =
            |(at, online): (usize, &bool)| json!({id: at, "online": online, "can-offline": at > 0});
        Answer::value(&units.iter().enumerate().map(unit).collect::<Vec<_>>())
    }
}

fn wanted(call: &Call, list: &str, id: &str) -> Vec<(usize, bool)> {
    let list = call.arguments[list].as_array().map(Vec::as_slice).unwrap_or_default();
    let number = |unit: &Value| unit[id].as_u64().and_then(|id| usize::try_from(id).ok());
    list.iter()
        .map(|unit| (number(unit).unwrap_or(usize::MAX), unit["online"] == json!(true)))
        .collect()
}
