//! The same work for several guests at once, each in a thread of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many guests are talked to at once.
const AT_ONCE: usize = 256;

/// Works on each item, by its place in the list, without any of them waiting for another.
pub(crate) fn for_each<T: Sync>(items: &[T], work: impl Fn(usize, &T) + Sync) {
    let next = AtomicUsize::new(0);
    let worker = || {
        loop {
            let order = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(order) else { return };
            work(order, item);
        }
    };
    std::thread::scope(|scope| {
        // This thread is one of them.
        for _ in 1..items.len().min(AT_ONCE) {
            // If there can be no more threads, those that there are do the work.
            let builder = std::thread::Builder::new().stack_size(512 * 1024);
            if builder.spawn_scoped(scope, worker).is_err() {
                break;
            }
        }
        worker();
    });
}

/// Works on each item, and returns what came of it in the order of the items.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let results = Mutex::new(Vec::new());
    for_each(items, |order, item| {
        let result = work(item);
        results.lock().unwrap_or_else(PoisonError::into_inner).push((order, result));
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(order, _)| *order);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once_and_results_keep_their_order() {
        let items: Vec<usize> = (0..1000).collect();
        assert_eq!(map(&items, |n| n * 2), items.iter().map(|n| n * 2).collect::<Vec<_>>());
        assert!(map(&[], |n: &usize| *n).is_empty());
    }
}
