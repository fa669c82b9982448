//! Runs a command line with both clients against the same service, and compares the requests,
//! standard output, the exit code and what is said of an error.

use serde_json::Value;

use super::reference::Reference;
use crate::support::recorder::{Recorder, Reply, Request};
use crate::support::stage::{Home, Ran};

/// Sentences of version 1 that version 2 has changed.
const V1_SENTENCES: &[&str] = &[
    // The same sentence behind another introduction.
    "Error during pagination: Cannot specify --no-paginate",
    // Version 2 advises `aws login`.
    "You can configure credentials by running \"aws configure\"",
    // Version 1 fails over a document that is no object.
    "'list' object has no attribute 'keys'",
];

/// What both clients are made to differ in; empty when they agree.
type Differences = Vec<String>;

pub(super) struct Pair {
    pub(super) reference: Reference,
    pub(super) home: Home,
    pub(super) recorder: Recorder,
    differences: Differences,
    compared: usize,
}

/// A request without what may differ: the order of the query and of members, the headers of
/// the client, and the signature.
#[derive(Debug, PartialEq)]
struct Sent {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    body: Value,
}

impl From<Request> for Sent {
    fn from(request: Request) -> Sent {
        let mut query = request.query;
        query.sort();
        let text = String::from_utf8_lossy(&request.body).into_owned();
        Sent {
            method: request.method,
            path: request.path,
            query,
            // No body and an empty object are the same to the service.
            body: match serde_json::from_str(&text) {
                Ok(Value::Object(members)) if members.is_empty() => Value::from(""),
                Ok(value) => value,
                Err(_) => Value::from(text),
            },
        }
    }
}

impl Pair {
    /// Both clients; `None` if the reference is missing.
    pub(super) fn start(
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Option<Pair> {
        let reference = Reference::start()?;
        let home = Home::new();
        // Version 1 prints points in time as they are on the wire unless it is told otherwise.
        home.write(".aws/config", "[default]\ncli_timestamp_format = iso8601\n");
        Some(Pair {
            reference,
            home,
            recorder: Recorder::start(answer),
            differences: Vec::new(),
            compared: 0,
        })
    }

    /// Whether the reference is version 1, whose own ways are not followed.
    pub(super) fn is_v1(&self) -> bool {
        self.reference.major == 1
    }

    /// Runs the command line with both and notes what differs. Gives what ours left.
    pub(super) fn compare<S: AsRef<str>>(&mut self, arguments: &[S]) -> Ran {
        self.compare_with(&[], arguments)
    }

    /// The same with further variables; one without a value is taken away.
    pub(super) fn compare_with<S: AsRef<str>>(
        &mut self,
        variables: &[(&str, &str)],
        arguments: &[S],
    ) -> Ran {
        let arguments: Vec<String> = arguments
            .iter()
            .map(|argument| argument.as_ref().to_string())
            .collect();
        let mut all = self.home.variables(&self.recorder.url);
        for (name, value) in variables {
            all.retain(|(given, _)| given != name);
            if !value.is_empty() {
                all.push(((*name).to_string(), (*value).to_string()));
            }
        }
        let theirs = self.reference.run(&arguments, &all, self.home.path());
        let their_requests: Vec<Sent> = self.recorder.take().into_iter().map(Sent::from).collect();
        let ours = self
            .home
            .command(&self.recorder.url)
            .env_clear()
            .envs(all)
            .args(&arguments)
            .output();
        let ours = Ran::from(ours.expect("the program starts"));
        let our_requests: Vec<Sent> = self.recorder.take().into_iter().map(Sent::from).collect();
        let line = arguments.join(" ");
        self.compared += 1;
        if our_requests != their_requests {
            self.note(&line, "requests", &our_requests, &their_requests);
        }
        if ours.out != theirs.out {
            self.note(&line, "standard output", &ours.out, &theirs.out);
        }
        if !self.is_same_code(&ours, &theirs) {
            self.note(
                &line,
                "exit code",
                &(ours.code, &ours.err),
                &(theirs.code, &theirs.err),
            );
        }
        if let Some(said) = self.unsaid(&ours, &theirs) {
            self.note(&line, "error", &ours.err, &said);
        }
        ours
    }

    /// Version 1 has 2 for what argparse refuses and 255 for every other failure.
    fn is_same_code(&self, ours: &Ran, theirs: &Ran) -> bool {
        match (self.is_v1(), theirs.code) {
            (true, 2) => ours.code == 252,
            (true, 255) => (252..=255).contains(&ours.code),
            (_, code) => ours.code == code,
        }
    }

    /// A sentence of the reference's error that ours does not have.
    fn unsaid(&self, ours: &Ran, theirs: &Ran) -> Option<String> {
        // The usage differs by name, and version 1 lists all choices.
        if theirs.code == 0 || theirs.code == 2 {
            return None;
        }
        let said = theirs.err.split("usage:").next().unwrap_or_default();
        let said = said.replace("aws: [ERROR]: ", "");
        let missing = said
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("Note: AWS CLI version 2"))
            .find(|line| !ours.err.contains(line))?;
        if self.is_v1() && V1_SENTENCES.iter().any(|own| missing.contains(own)) {
            return None;
        }
        // Parsers of JSON word their complaints in their own way.
        (!missing.contains("Invalid JSON")).then(|| missing.to_string())
    }

    fn note(
        &mut self,
        line: &str,
        what: &str,
        ours: &dyn std::fmt::Debug,
        theirs: &dyn std::fmt::Debug,
    ) {
        self.differences.push(format!(
            "{line}\n  {what}\n  ours:   {ours:?}\n  theirs: {theirs:?}\n"
        ));
    }

    /// Fails with all differences, and when hardly anything was compared.
    pub(super) fn finish(self, at_least: usize) {
        assert!(
            self.compared >= at_least,
            "only {} were compared",
            self.compared
        );
        assert!(
            self.differences.is_empty(),
            "{} differences in {} command lines:\n{}",
            self.differences.len(),
            self.compared,
            self.differences.join("\n")
        );
    }
}
