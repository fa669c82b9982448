//! Standard output: buffered, perhaps with a pager in front, and quiet once its reader has
//! gone away.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::pager::Program;

/// A stream that was locked when another thread panicked is still a stream.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Standard output and what became of it.
struct Output {
    sink: Box<dyn Write + Send>,
    /// The reader has gone away.
    closed: bool,
    pager: Paging,
}

/// What stands between the result and the terminal.
enum Paging {
    Nothing,
    /// To be started with the first byte.
    Chosen(Program),
    /// Reads the sink's other end; behind it is the stream itself.
    Running(Child, Box<dyn Write + Send>),
}

impl Output {
    /// Puts the pager in front if one is waiting for the first byte.
    fn open_pager(&mut self) -> io::Result<()> {
        let Paging::Chosen(program) = &self.pager else {
            return Ok(());
        };
        self.sink.flush()?;
        let mut child = program.start()?;
        if let Some(input) = child.stdin.take() {
            let behind = std::mem::replace(&mut self.sink, buffered(input));
            self.pager = Paging::Running(child, behind);
        }
        Ok(())
    }

    /// Ends the pager's input and waits until the person has closed it.
    fn close_pager(&mut self) {
        let paging = std::mem::replace(&mut self.pager, Paging::Nothing);
        if let Paging::Running(mut child, behind) = paging {
            // Dropping the pipe is what tells the pager that there is no more.
            self.sink = behind;
            self.closed = false;
            // How the pager ended is no concern of the command.
            let _ = child.wait();
        }
    }
}

/// Standard output itself only buffers lines, a pipe not at all.
pub(super) fn buffered(writer: impl Write + Send + 'static) -> Box<dyn Write + Send> {
    Box::new(BufWriter::with_capacity(32 * 1024, writer))
}

/// A handle on standard output.
#[derive(Clone)]
pub struct Stdout {
    out: Arc<Mutex<Output>>,
}

impl Stdout {
    /// Standard output that goes to the given writer.
    pub(super) fn new(sink: Box<dyn Write + Send>) -> Stdout {
        Stdout {
            out: Arc::new(Mutex::new(Output {
                sink,
                closed: false,
                pager: Paging::Nothing,
            })),
        }
    }

    /// Puts the pager in front, from the next byte on, unless one is there.
    pub(super) fn page_through(&self, program: &Program) {
        let mut out = lock(&self.out);
        if matches!(out.pager, Paging::Nothing) {
            out.pager = Paging::Chosen(program.clone());
        }
    }

    /// Whether the reader has gone away.
    pub(super) fn is_closed(&self) -> bool {
        lock(&self.out).closed
    }

    /// Empties the buffer and waits for the pager. What is written later goes past it.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let flushed = self.flush();
        lock(&self.out).close_pager();
        flushed
    }

    /// Does the work unless the reader has gone away, and notices when it does.
    fn unless_closed<T>(
        &self,
        otherwise: T,
        work: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut out = lock(&self.out);
        if out.closed {
            return Ok(otherwise);
        }
        match work(out.sink.as_mut()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                out.closed = true;
                // A buffer in front would try again when it is dropped.
                out.sink = Box::new(io::sink());
                Ok(otherwise)
            }
            other => other,
        }
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !bytes.is_empty() {
            lock(&self.out).open_pager()?;
        }
        self.unless_closed(bytes.len(), |sink| sink.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_closed((), |sink| sink.flush())
    }
}
