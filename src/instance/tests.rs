//! Two starts in one folder, as two ends of one process.

use super::*;
use crate::transport::native::RealClock;

fn first(folder: &Path) -> First {
    match claim(folder) {
        Claim::First(first) => *first,
        other => panic!("{other:?}"),
    }
}

/// Takes the next knock and returns its file.
fn answer(first: First) -> std::thread::JoinHandle<(First, Option<PathBuf>)> {
    std::thread::Builder::new()
        .spawn(move || {
            let knock = first.wait().unwrap();
            let file = knock.file.clone();
            knock.taken();
            (first, file)
        })
        .unwrap()
}

#[test]
fn a_second_start_hands_its_file_to_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut here = first(folder.path());
    assert!(matches!(claim(folder.path()), Claim::Taken));
    for file in [None, Some(PathBuf::from("/home/jane/fw ü\n.bin"))] {
        let answer = answer(here);
        hand_over(folder.path(), file.as_deref(), &RealClock::new()).unwrap();
        let (again, taken) = answer.join().unwrap();
        assert_eq!(taken, file);
        here = again;
    }
    drop(here);
    drop(first(folder.path()));
    assert!(!folder.path().join(DOOR_FILE).exists(), "nothing stays");
}

#[test]
#[cfg(unix)]
fn a_path_need_not_be_text_and_the_password_is_its_owners() {
    use std::os::unix::ffi::OsStringExt as _;
    use std::os::unix::fs::PermissionsExt as _;
    let path = PathBuf::from(std::ffi::OsString::from_vec(vec![b'/', 0xff, b'x']));
    assert_eq!(path_of_bytes(bytes_of_path(&path)), Some(path));
    let folder = tempfile::tempdir().unwrap();
    let _first = first(folder.path());
    let door = std::fs::metadata(folder.path().join(DOOR_FILE)).unwrap();
    assert_eq!(door.permissions().mode() & 0o077, 0);
}

#[test]
fn a_first_window_that_hangs_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    // It listens, as the system does for it, and never answers.
    let _first = first(folder.path());
    let clock = RealClock::new();
    let result = hand_over_within(folder.path(), None, &clock, Duration::from_millis(50));
    assert!(matches!(result, Err(HandOverError::Silent)), "{result:?}");
}

#[test]
fn a_door_that_leads_nowhere_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let gone = first(folder.path());
    let door = std::fs::read(folder.path().join(DOOR_FILE)).unwrap();
    drop(gone);
    let clock = crate::transport::sim::VirtualClock::default();
    for left in [None, Some(door), Some(b"{".to_vec())] {
        if let Some(left) = left {
            std::fs::write(folder.path().join(DOOR_FILE), left).unwrap();
        }
        let result = hand_over(folder.path(), None, &clock);
        assert!(
            matches!(result, Err(HandOverError::Unreachable(_))),
            "{result:?}"
        );
    }
}

#[test]
fn strangers_are_sent_away_and_the_next_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let first = first(folder.path());
    let port = first.listener.local_addr().unwrap().port();
    let answer = answer(first);
    for said in [
        "",
        "GET / HTTP/1.1\r\n\r\n",
        "{\"password\":\"guess\",\"file\":null}\n",
        "\u{0}\u{0}\n",
    ] {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.write_all(said.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut heard = Vec::new();
        // The other end may hang up before it has read everything.
        stream.read_to_end(&mut heard).ok();
        assert!(heard.is_empty(), "{said:?}");
    }
    hand_over(folder.path(), None, &RealClock::new()).unwrap();
    assert_eq!(answer.join().unwrap().1, None);
}

#[test]
fn a_folder_that_cannot_be_made_keeps_nobody_from_starting() {
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(matches!(claim(&file.path().join("x")), Claim::Unknown(_)));
}
