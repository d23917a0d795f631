//! The thread that plays a sound: by a program that the system already has, so that nothing is linked for it.
//!
//! No terminal bell: a program started from a desktop has no terminal. No sound is no failure.

use std::thread::Builder;

use crate::doctor::CommandLine;

/// What plays a short, friendly sound, the likeliest first. The first that succeeds is enough.
const PLAYERS: &[(&str, &[&str])] = if cfg!(target_os = "macos") {
    &[("afplay", &["/System/Library/Sounds/Glass.aiff"])]
} else if cfg!(windows) {
    // The sound of the user's own scheme, as MessageBeep plays it.
    &[(
        "powershell",
        &[
            "-NoProfile",
            "-NonInteractive",
            "-Command",
            "[System.Media.SystemSounds]::Asterisk.Play(); Start-Sleep -Milliseconds 900",
        ],
    )]
} else {
    // The sound theme by its event, then PipeWire and PulseAudio with the file of the freedesktop theme.
    &[
        ("canberra-gtk-play", &["-i", "complete"]),
        ("pw-play", &[FREEDESKTOP_COMPLETE]),
        ("paplay", &[FREEDESKTOP_COMPLETE]),
    ]
};

/// Where Linux desktops keep it (freedesktop.org Sound Theme Specification).
const FREEDESKTOP_COMPLETE: &str = "/usr/share/sounds/freedesktop/stereo/complete.oga";

/// Plays the sound, or does not.
pub fn play() {
    let spawned = Builder::new().name("chime".into()).spawn(|| {
        for (program, arguments) in PLAYERS {
            if played(program, arguments) {
                return;
            }
        }
        tracing::debug!("nothing here plays a sound");
    });
    if let Err(error) = spawned {
        tracing::debug!("no sound: {error}");
    }
}

fn played(program: &str, arguments: &[&str]) -> bool {
    CommandLine::new(program, arguments).run().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_missing_or_fails_plays_nothing() {
        assert!(!played("carto-flasher-no-such-player", &[]));
        #[cfg(unix)]
        {
            assert!(!played("false", &[]));
            assert!(played("true", &[]));
        }
    }
}
