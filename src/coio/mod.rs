// SPDX-License-Identifier: BSD-2-Clause
//! Blocking calls that block one fiber only.
//!
//! * [`wait`] for a descriptor, and [`socket`]: calls on sockets that do so, over [`sio`]
//!   (system calls whose failures are errors) and [`evio`] (how sockets are set up);
//! * [`pool`]: threads for what cannot but block, told by [`enable`] whom to tell of results;
//!   [`call`] waits for one come what may ([`mod@file`]), [`task`] for a limited time
//!   ([`resolve`]).

pub mod address;
pub mod call;
pub mod enable;
pub mod evio;
pub mod file;
pub mod fio;
pub mod fio_batch;
pub mod pool;
pub mod resolve;
pub mod sio;
pub mod socket;
pub(crate) mod sys;
pub mod task;
pub mod uri;
pub mod wait;
