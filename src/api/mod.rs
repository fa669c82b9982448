//! The service's vocabulary as data: operations, input members, answers, faults.
//! No I/O and no command line in here.

pub mod answers;
pub mod fault;
pub mod members;
pub mod operation;
pub mod sample;
pub mod shapes;
pub mod timestamp;
