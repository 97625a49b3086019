// SPDX-License-Identifier: BSD-2-Clause
//! The stack without its counter: its atomics forget the low 16 bits.

mod atomic {
    pub use loom::sync::atomic::Ordering;

    const ADDRESS: usize = !0xffff;

    #[derive(Debug)]
    pub struct AtomicUsize(loom::sync::atomic::AtomicUsize);

    impl AtomicUsize {
        pub fn new(value: usize) -> AtomicUsize {
            AtomicUsize(loom::sync::atomic::AtomicUsize::new(value))
        }

        pub fn load(&self, order: Ordering) -> usize {
            self.0.load(order)
        }

        pub fn store(&self, value: usize, order: Ordering) {
            self.0.store(value, order)
        }

        pub fn compare_exchange(
            &self,
            from: usize,
            to: usize,
            success: Ordering,
            failure: Ordering,
        ) -> Result<usize, usize> {
            self.0
                .compare_exchange(from, to & ADDRESS, success, failure)
        }
    }
}

#[allow(dead_code)]
#[path = "../../src/small/lf_lifo.rs"]
mod lf_lifo;

#[allow(dead_code)]
#[path = "models.rs"]
mod models;

pub fn check_aba() {
    models::check(None, 2, models::ABA);
}
