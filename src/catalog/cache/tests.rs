//! The cache tampered with.

use std::time::UNIX_EPOCH;

use super::*;
use crate::files::names;

fn cache() -> (tempfile::TempDir, Cache) {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path());
    (folder, cache)
}

#[test]
fn what_is_stored_is_read() {
    let (_folder, cache) = cache();
    let sha256 = cache.store(b"image").unwrap();
    assert_eq!(sha256, Sha256::of(b"image"));
    assert_eq!(cache.read(&sha256), Ok(Some(b"image".to_vec())));
    assert_eq!(cache.read(&Sha256::of(b"other")), Ok(None));
    assert_eq!(names(&cache.objects_folder()), [sha256.to_string()]);
    assert_eq!(cache.store(b"image"), Ok(sha256));
}

#[test]
fn one_flipped_bit_is_noticed_and_set_aside() {
    let (_folder, cache) = cache();
    let sha256 = cache.store(b"image").unwrap();
    let path = cache.object_path(&sha256);
    fs::write(&path, b"imagf").unwrap();
    let Err(CacheError::Damaged {
        set_aside: Some(aside),
        ..
    }) = cache.read(&sha256)
    else {
        panic!("used a wrong file");
    };
    assert_eq!(fs::read(aside).unwrap(), b"imagf");
    assert_eq!(cache.read(&sha256), Ok(None));
    cache.store(b"image").unwrap();
    assert_eq!(cache.read(&sha256), Ok(Some(b"image".to_vec())));
}

#[test]
fn truncated_empty_and_huge_files_are_set_aside() {
    let (_folder, cache) = cache();
    let sha256 = cache.store(b"image").unwrap();
    let huge = vec![0; usize::try_from(MAX_OBJECT).unwrap() + 10];
    for wrong in [&b"imag"[..], b"", &huge] {
        fs::write(cache.object_path(&sha256), wrong).unwrap();
        assert!(matches!(
            cache.read(&sha256),
            Err(CacheError::Damaged { .. })
        ));
    }
}

#[test]
fn quarantine_does_not_grow_without_end() {
    let (folder, cache) = cache();
    let sha256 = cache.store(b"image").unwrap();
    for n in 0..40 {
        fs::write(cache.object_path(&sha256), format!("wrong {n}")).unwrap();
        assert!(cache.read(&sha256).is_err());
        assert_eq!(cache.read(&sha256), Ok(None));
    }
    let kept = fs::read_dir(folder.path().join("v1/quarantine")).unwrap();
    assert_eq!(kept.count(), MAX_QUARANTINED);
}

#[test]
fn links_survive_and_nonsense_in_them_is_nothing() {
    let (folder, cache) = cache();
    let sha256 = Sha256::of(b"x");
    assert_eq!(cache.link("key"), None);
    cache.set_link("key", &sha256).unwrap();
    assert_eq!(cache.link("key"), Some(sha256));
    for wrong in [&b"../../etc"[..], &[0xff; 64], &[b'0'; 70], b""] {
        fs::write(folder.path().join("v1/links/key"), wrong).unwrap();
        assert_eq!(cache.link("key"), None);
    }
}

#[test]
fn two_at_once_see_whole_files_only() {
    let (_folder, cache) = cache();
    let image = vec![0xa5; 100_000];
    let sha256 = Sha256::of(&image);
    std::thread::scope(|scope| {
        for n in 0..4 {
            let (cache, image) = (&cache, &image);
            std::thread::Builder::new()
                .name(format!("cache user {n}"))
                .spawn_scoped(scope, move || {
                    for _ in 0..25 {
                        cache.store(image).unwrap();
                        assert_eq!(cache.read(&sha256).unwrap().as_ref(), Some(image));
                    }
                })
                .unwrap();
        }
    });
    assert_eq!(names(&cache.objects_folder()), [sha256.to_string()]);
}

#[test]
fn an_unwritable_place_is_an_error_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let blocker = folder.path().join("file");
    fs::write(&blocker, b"").unwrap();
    let cache = Cache::at(&blocker);
    assert!(matches!(
        cache.store(b"x"),
        Err(CacheError::NotWritable { .. })
    ));
    assert_eq!(cache.read(&Sha256::of(b"x")), Ok(None));
    assert_eq!(cache.remove_everything(), Ok(Removed::default()));
    cache.set_partial("key", b"abc");
    assert_eq!(cache.partial("key"), b"");
}

#[test]
fn removing_everything_leaves_what_is_not_ours() {
    let (folder, cache) = cache();
    cache.store(b"image").unwrap();
    cache.set_link("key", &Sha256::of(b"image")).unwrap();
    cache.set_partial("key", b"im");
    let foreign = folder.path().join("letter.txt");
    fs::write(&foreign, b"dear").unwrap();
    assert_eq!(cache.kept().bytes, 5 + 64 + 2);
    let removed = cache.remove_everything().unwrap();
    assert_eq!(cache.kept(), Removed::default());
    assert_eq!(
        removed,
        Removed {
            files: 3,
            bytes: 5 + 64 + 2
        }
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(foreign.exists());
    assert_eq!(cache.remove_everything(), Ok(Removed::default()));
}

#[test]
fn leftovers_of_killed_programs_go_after_a_day_even_if_the_clock_is_wrong() {
    let (folder, cache) = cache();
    let sha256 = cache.store(b"image").unwrap();
    let left = folder.path().join("v1/objects/.part-xyz");
    fs::write(&left, b"ima").unwrap();
    let written = fs::metadata(&left).unwrap().modified().unwrap();
    for early in [UNIX_EPOCH, written, written + Duration::from_hours(1)] {
        cache.tidy(early);
        assert!(left.exists());
    }
    cache.tidy(written + Duration::from_hours(25));
    assert!(!left.exists());
    assert_eq!(cache.read(&sha256), Ok(Some(b"image".to_vec())));
}
