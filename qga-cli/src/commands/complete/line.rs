//! A command line that is not complete yet: which command it is for, and what its last word stands for.

use clap::{Arg, ArgAction, Command};

/// What is known of a line when its last word is typed.
#[derive(Debug)]
pub(super) struct Line {
    /// The command as far as it is named.
    pub(super) command: Command,
    /// Its name without the program's: `keys add`, or nothing.
    pub(super) path: Vec<String>,
    /// The guests that were named.
    pub(super) connect: Vec<String>,
    /// Values without options that were given to the command.
    pub(super) given: Vec<String>,
    /// What has to be in front of the value in the word: `--color=`.
    pub(super) front: String,
    /// The value as far as it is typed.
    pub(super) value: String,
    pub(super) slot: Slot,
}

/// What the last word stands for.
#[derive(Debug)]
pub(super) enum Slot {
    /// A subcommand, or a value without an option.
    Word(Option<Arg>),
    /// An option.
    Option,
    /// The value of an option.
    Value(Arg),
    /// Something that is for another program.
    Foreign,
}

impl Line {
    /// Reads the words before the last, and judges what that one is.
    pub(super) fn read(mut program: Command, before: &[String], last: &str) -> Self {
        program.build();
        let mut line = Self {
            command: program,
            path: Vec::new(),
            connect: Vec::new(),
            given: Vec::new(),
            front: String::new(),
            value: last.to_owned(),
            slot: Slot::Foreign,
        };
        let (mut waiting, mut only_values) = (None, false);
        for word in before {
            only_values |= line.is_foreign();
            match waiting.take() {
                Some(option) => line.note(&option, word),
                None if only_values => line.given.push(word.clone()),
                None if word == "--" => only_values = true,
                None if word.starts_with('-') && word.len() > 1 => waiting = line.option(word),
                None => line.word(word),
            }
        }
        line.slot = match waiting {
            Some(option) => Slot::Value(option),
            None if line.is_foreign() => Slot::Foreign,
            None if only_values || !last.starts_with('-') => Slot::Word(line.next_value()),
            None => match last.split_once('=').map(|(name, value)| (line.long(name), value)) {
                Some((Some(option), value)) => {
                    value.clone_into(&mut line.value);
                    last.strip_suffix(value).unwrap_or_default().clone_into(&mut line.front);
                    Slot::Value(option)
                }
                _ => Slot::Option,
            },
        };
        line
    }

    /// Takes an option, and returns it if its value is the next word.
    fn option(&mut self, word: &str) -> Option<Arg> {
        if word.starts_with("--") {
            let (name, value) = word.split_once('=').map_or((word, None), |(n, v)| (n, Some(v)));
            let option = self.long(name)?;
            return match value {
                Some(value) => {
                    self.note(&option, value);
                    None
                }
                None => takes_value(&option).then_some(option),
            };
        }
        let mut letters = word.strip_prefix('-')?.chars();
        while let Some(letter) = letters.next() {
            let option =
                self.command.get_arguments().find(|arg| arg.get_short() == Some(letter))?;
            if takes_value(option) {
                let (option, value) = (option.clone(), letters.as_str());
                if value.is_empty() {
                    return Some(option);
                }
                self.note(&option, value);
                return None;
            }
        }
        None
    }

    /// Takes a subcommand or a value.
    fn word(&mut self, word: &str) {
        let subcommand =
            self.command.find_subcommand(word).filter(|_| self.given.is_empty()).cloned();
        match subcommand {
            Some(subcommand) => {
                self.path.push(subcommand.get_name().to_owned());
                self.command = subcommand;
            }
            None => self.given.push(word.to_owned()),
        }
    }

    fn note(&mut self, option: &Arg, value: &str) {
        if option.get_id() == "connect" {
            self.connect.extend(value.split(',').map(str::to_owned));
        }
    }

    fn long(&self, name: &str) -> Option<Arg> {
        let name = name.strip_prefix("--")?;
        self.command.get_arguments().find(|arg| arg.get_long() == Some(name)).cloned()
    }

    /// The value without an option that comes next.
    fn next_value(&self) -> Option<Arg> {
        let values: Vec<&Arg> = self.command.get_positionals().collect();
        let several = |arg: &&&Arg| {
            matches!(arg.get_action(), ArgAction::Append)
                || arg.get_num_args().is_some_and(|number| number.max_values() > 1)
        };
        values.get(self.given.len()).or(values.last().filter(several)).copied().cloned()
    }

    /// Whether everything from here on is for another program: one that was named without an option.
    fn is_foreign(&self) -> bool {
        !self.given.is_empty() && self.command.get_positionals().any(Arg::is_trailing_var_arg_set)
    }
}

fn takes_value(option: &Arg) -> bool {
    option.get_action().takes_values()
}
