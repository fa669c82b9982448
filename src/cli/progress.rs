//! A progress bar on standard error while an asset moves, if a person is looking.

use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Streams;
use crate::sdk::transfer::{Moved, Progress};

/// A bar, or nothing.
pub(super) struct Bar(Option<ProgressBar>);

/// A bar for so many bytes; 0 when they are not known yet.
pub(super) fn bar(streams: &Streams, length: u64) -> Bar {
    if !streams.stderr_is_terminal() {
        return Bar(None);
    }
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    let template = "{bar:32} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    Bar(Some(bar))
}

impl Bar {
    /// What the transfer tells its progress to.
    pub(super) fn sink(&self) -> Progress {
        match self.0.clone() {
            None => Arc::new(|_| {}),
            Some(bar) => Arc::new(move |moved| match moved {
                // A repeated request begins again.
                Moved::Total(total) => bar.set_length(total),
                Moved::More(more) => bar.inc(more),
            }),
        }
    }

    /// Takes the bar off the terminal.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
