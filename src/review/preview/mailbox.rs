//! A place for one request, where a newer one replaces an older one.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// See the module.
#[derive(Debug)]
pub struct Mailbox<T> {
    content: Mutex<Content<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Content<T> {
    newest: Option<T>,
    is_closed: bool,
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        Self {
            content: Mutex::new(Content {
                newest: None,
                is_closed: false,
            }),
            changed: Condvar::new(),
        }
    }
}

impl<T> Mailbox<T> {
    /// Puts a request in; one that nobody has taken yet is lost.
    pub fn put(&self, request: T) {
        self.lock().newest = Some(request);
        self.changed.notify_one();
    }

    /// Waits for a request; nothing once the box is closed.
    pub fn take(&self) -> Option<T> {
        let mut content = self.lock();
        loop {
            if content.is_closed {
                return None;
            }
            if let Some(request) = content.newest.take() {
                return Some(request);
            }
            content = self
                .changed
                .wait(content)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether a request waits.
    pub fn is_waiting(&self) -> bool {
        self.lock().newest.is_some()
    }

    /// Lets whoever takes come to an end.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Content<T>> {
        // A request is replaced whole, so a panic elsewhere leaves nothing half done.
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_request_is_served() {
        let mailbox = Mailbox::default();
        mailbox.put(1);
        mailbox.put(2);
        assert!(mailbox.is_waiting());
        assert_eq!(mailbox.take(), Some(2));
        assert!(!mailbox.is_waiting());
        mailbox.put(3);
        mailbox.close();
        assert_eq!(mailbox.take(), None);
    }
}
