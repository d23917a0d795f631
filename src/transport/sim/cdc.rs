//! The way from a serial device to its host: a transmit buffer, an endpoint with two packets, and the host's read.
//! Knows bytes and time; not frames.

use std::collections::VecDeque;
use std::time::Duration;

/// Bytes of one full-speed bulk packet (protocols.md §4.1).
const PACKET: usize = 64;
/// Packets that the endpoint holds (protocols.md §4.3).
const ENDPOINT_PACKETS: usize = 2;
/// Replies that would make more than this unread are dropped whole (protocols.md §4.6 "Flow control").
const UNREAD_MAX: usize = 192;

/// What a device has to say and a host has not heard yet.
#[derive(Debug, Clone, Default)]
pub(super) struct CdcIn {
    /// Messages and when they will be ready.
    ready: VecDeque<(Duration, Vec<u8>)>,
    /// The device's transmit buffer.
    transmit: Vec<u8>,
    endpoint: VecDeque<Vec<u8>>,
    /// The first packet since the device was configured is held back until there is a second (protocols.md §4.3).
    released: bool,
    /// What the host's pending read got: a read ends with a short packet only (protocols.md §4.6).
    pending_read: Vec<u8>,
    /// What the host may have.
    received: Vec<u8>,
    /// Until then the host gets nothing.
    held_until: Option<Duration>,
}

impl CdcIn {
    /// The device sends a message at `at`. Messages are sent in order of time.
    pub(super) fn send(&mut self, at: Duration, message: Vec<u8>) {
        self.ready.push_back((at, message));
    }

    /// Bytes that a host could have read by `now` and did not.
    pub(super) fn unread(&self) -> usize {
        let endpoint: usize = self.endpoint.iter().map(Vec::len).sum();
        endpoint.saturating_add(self.transmit.len())
    }

    /// Lets messages become ready.
    pub(super) fn settle(&mut self, now: Duration) {
        while let Some((at, _)) = self.ready.front()
            && *at <= now
        {
            if let Some((_, message)) = self.ready.pop_front()
                && self.unread().saturating_add(message.len()) <= UNREAD_MAX
            {
                self.transmit.extend(message);
                self.fill_endpoint();
            }
        }
    }

    /// The host reads: true if there is something for it.
    pub(super) fn poll(&mut self, now: Duration) -> bool {
        self.settle(now);
        if self.held_until.is_some_and(|until| until > now) {
            return false;
        }
        self.held_until = None;
        while self.released {
            let Some(packet) = self.endpoint.pop_front() else {
                break;
            };
            self.fill_endpoint();
            let is_short = packet.len() < PACKET;
            self.pending_read.extend(packet);
            if is_short {
                self.received.append(&mut self.pending_read);
            }
        }
        !self.received.is_empty()
    }

    /// Takes what [`Self::poll`] found.
    pub(super) fn take(&mut self, most: usize) -> Vec<u8> {
        split_front(&mut self.received, most)
    }

    /// Puts bytes back to be read again.
    pub(super) fn repeat(&mut self, bytes: &[u8]) {
        self.received.splice(..0, bytes.iter().copied());
    }

    /// The host gets nothing before `until`.
    pub(super) fn hold(&mut self, until: Duration) {
        self.held_until = Some(until);
    }

    /// When there may be something new.
    pub(super) fn next_event(&self) -> Option<Duration> {
        let ready = self.ready.front().map(|(at, _)| *at);
        match (ready, self.held_until) {
            (Some(ready), Some(held)) => Some(ready.max(held)),
            (ready, held) => ready.or(held),
        }
    }

    /// The host closed the port: what its system had read is gone, what the device has is not.
    pub(super) fn forget_host(&mut self) {
        self.pending_read.clear();
        self.received.clear();
    }

    fn fill_endpoint(&mut self) {
        while self.endpoint.len() < ENDPOINT_PACKETS && !self.transmit.is_empty() {
            let packet = split_front(&mut self.transmit, PACKET);
            self.endpoint.push_back(packet);
        }
        if self.endpoint.len() >= ENDPOINT_PACKETS {
            self.released = true;
        }
    }
}

/// Takes at most `most` bytes from the front.
fn split_front(bytes: &mut Vec<u8>, most: usize) -> Vec<u8> {
    let rest = bytes.split_off(most.min(bytes.len()));
    std::mem::replace(bytes, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1);

    fn sent(lengths: &[usize]) -> CdcIn {
        let mut cdc = CdcIn::default();
        for (index, length) in lengths.iter().enumerate() {
            let fill = u8::try_from(index).unwrap();
            cdc.send(Duration::ZERO, vec![fill; *length]);
        }
        cdc
    }

    fn read(cdc: &mut CdcIn) -> usize {
        cdc.poll(NOW);
        cdc.take(usize::MAX).len()
    }

    #[test]
    fn the_first_packet_waits_for_the_second() {
        let mut cdc = sent(&[36]);
        assert_eq!(read(&mut cdc), 0);
        cdc.send(NOW, vec![9; 8]);
        assert_eq!(read(&mut cdc), 44);
        cdc.send(NOW, vec![9; 8]);
        assert_eq!(read(&mut cdc), 8, "only the first one");
        assert_eq!(read(&mut sent(&[68])), 68, "a long one has a second packet");
    }

    #[test]
    fn a_read_ends_with_a_short_packet() {
        let mut cdc = sent(&[8, 8]);
        assert_eq!(read(&mut cdc), 16);
        cdc.send(NOW, vec![1; 64]);
        assert_eq!(read(&mut cdc), 0, "exactly 64 do not end a read");
        cdc.send(NOW, vec![2; 8]);
        assert_eq!(read(&mut cdc), 72);
        // Four acknowledgements: two as packets of their own, two in one packet.
        assert_eq!(read(&mut sent(&[16, 16, 16, 16])), 64);
    }

    #[test]
    fn too_much_unread_is_dropped_whole() {
        for (lengths, expected) in [
            (&[80, 80][..], 160),
            (&[80, 80, 32], 192),
            (&[80, 80, 33], 160),
            (&[80, 80, 80, 16], 176),
        ] {
            let mut cdc = sent(lengths);
            cdc.settle(NOW);
            assert_eq!(cdc.unread(), expected, "{lengths:?}");
        }
    }

    #[test]
    fn nothing_comes_before_its_time() {
        let mut cdc = CdcIn::default();
        cdc.send(NOW, vec![1; 68]);
        assert_eq!(cdc.next_event(), Some(NOW));
        assert!(!cdc.poll(NOW / 2));
        cdc.hold(2 * NOW);
        assert_eq!(cdc.next_event(), Some(2 * NOW));
        assert!(!cdc.poll(NOW));
        assert!(cdc.poll(2 * NOW));
        assert_eq!(cdc.next_event(), None);
    }

    #[test]
    fn closing_loses_what_the_host_had() {
        let mut cdc = sent(&[8, 8, 64]);
        assert!(cdc.poll(NOW));
        cdc.forget_host();
        cdc.send(NOW, vec![3; 8]);
        assert_eq!(read(&mut cdc), 8);
    }
}
