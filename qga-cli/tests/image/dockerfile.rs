//! What a Dockerfile says, as far as ours says anything.

use serde_json::Value;

/// One instruction: its name, and the rest.
pub(crate) type Instruction = (String, String);

/// The instructions of each stage; the first of each is `FROM`.
pub(crate) fn stages(text: &str) -> Vec<Vec<Instruction>> {
    let mut stages: Vec<Vec<Instruction>> = Vec::new();
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    for line in lines.join("\n").replace("\\\n", " ").lines() {
        let Some((name, rest)) = line.trim().split_once(char::is_whitespace) else { continue };
        if name == "FROM" || stages.is_empty() {
            stages.push(Vec::new());
        }
        let instruction = (name.to_owned(), rest.trim().to_owned());
        stages.last_mut().expect("there is one").push(instruction);
    }
    stages
}

/// The rests of all instructions of a name.
pub(crate) fn all<'a>(stage: &'a [Instruction], name: &str) -> Vec<&'a str> {
    stage.iter().filter(|(found, _)| found == name).map(|(_, rest)| rest.as_str()).collect()
}

/// The words of a program in JSON, which no shell has to read.
pub(crate) fn words(rest: &str) -> Vec<String> {
    serde_json::from_str::<Value>(rest)
        .ok()
        .and_then(|words| {
            words.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect()
        })
        .expect("a list of words in JSON")
}

#[test]
fn instructions_are_told_apart_by_stage_and_may_go_on_in_the_next_line() {
    let stages =
        stages("# x\nFROM a AS b\nRUN c \\\n    d\n\nFROM scratch\nENTRYPOINT [\"/e\", \"f g\"]\n");
    assert_eq!(stages.len(), 2);
    assert_eq!(all(&stages[0], "RUN"), ["c      d"]);
    assert_eq!(words(all(&stages[1], "ENTRYPOINT")[0]), ["/e", "f g"]);
}
