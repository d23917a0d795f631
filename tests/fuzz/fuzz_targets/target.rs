//! One target of `../targets.rs` under libFuzzer: the one that this binary is named after.
#![no_main]

#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let name = env!("CARGO_BIN_NAME");
    for (known, target) in targets::TARGETS {
        if known == name {
            return target(data);
        }
    }
    panic!("no target is called {name}");
});
