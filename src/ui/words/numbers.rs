//! Numbers, times and sizes as people read them.

use std::time::Duration;

/// A number of bytes: `812 bytes`, `28.4 KiB` or `1.2 MiB`.
pub fn bytes(count: u64) -> String {
    const KIB: u64 = 1024;
    if count < KIB {
        return counted(count, "byte");
    }
    if count < KIB * KIB {
        return format!("{:.1} KiB", count as f64 / KIB as f64);
    }
    format!("{:.1} MiB", count as f64 / (KIB * KIB) as f64)
}

/// A number of bytes, exactly: `29,104 bytes`.
pub fn exact_bytes(count: u64) -> String {
    counted(count, "byte")
}

/// So many of a thing: `1 file`, `2 files`.
pub fn counted(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", thousands(count))
}

/// Digits in groups of three.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len().saturating_sub(position)).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A time a person waited: `8.4 s`, `1 min 12 s`.
pub fn duration(time: Duration) -> String {
    let secs = time.as_secs();
    if secs < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {} s", secs / 60, secs % 60)
    }
}

/// A remaining time, without false precision.
pub fn remaining(time: Duration) -> String {
    match time.as_secs() {
        0 => "less than a second left".into(),
        secs if secs < 60 => format!("{} left", counted(secs, "second")),
        secs => format!("{} min {} s left", secs / 60, secs % 60),
    }
}

/// Bytes a second.
pub fn speed(bytes_per_second: f64) -> String {
    format!("{:.1} KiB/s", bytes_per_second / 1024.0)
}

/// A SHA-256 in two lines of equal length.
pub fn hash(sha256: &str) -> String {
    match sha256.split_at_checked(sha256.len() / 2) {
        Some((first, second)) => format!("{first}\n{second}"),
        None => sha256.to_owned(),
    }
}

/// What the size of text counts from.
pub fn text_from_system(percent: u16) -> String {
    format!("This counts from the system's text size, {percent}%")
}

/// A flash address.
pub fn address(address: u32) -> String {
    format!("{address:#010x}")
}

/// How long the job still waits for the probe.
pub fn waits_for(time: Duration) -> String {
    format!("Waiting {} more", counted(time.as_secs(), "second"))
}

/// Progress in numbers.
pub fn progress_bytes(done: u64, total: u64) -> String {
    format!("{} of {}", bytes(done), bytes(total))
}

/// How much of a whole, 0 to 1: never all of it before it is.
pub fn percent(part: f32) -> String {
    format!("{:.0}%", (part.clamp(0.0, 1.0) * 100.0).floor())
}

/// How long it has run.
pub fn elapsed(time: Duration) -> String {
    format!("{} s so far", time.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_like_numbers() {
        assert_eq!(
            [0.0, 0.569, 0.999, 1.0].map(percent),
            ["0%", "56%", "99%", "100%"]
        );
        assert_eq!(thousands(0), "0");
        assert_eq!(counted(1, "second"), "1 second");
        assert_eq!(counted(1_200, "file"), "1,200 files");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(29_104), "29,104");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(bytes(512), "512 bytes");
        assert_eq!(bytes(29_104), "28.4 KiB");
        assert_eq!(duration(Duration::from_millis(8_420)), "8.4 s");
        assert_eq!(duration(Duration::from_secs(72)), "1 min 12 s");
        assert_eq!(
            remaining(Duration::from_millis(400)),
            "less than a second left"
        );
        assert_eq!(remaining(Duration::from_secs(12)), "12 seconds left");
    }
}
