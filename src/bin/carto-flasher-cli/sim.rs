//! `sim`: offers a simulated bench over USB/IP, with hands that are moved by lines on standard input.

use std::io::BufRead as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use carto_flasher::advice::CliFailure;
use carto_flasher::transport::native::RealClock;
use carto_flasher::transport::sim::SimHardware;
use carto_flasher::transport::sim::usbip::Server;
use carto_flasher::transport::{Clock, Hardware as _};

use crate::args::Sim;
use crate::choose::describe;
use crate::exit::Failure;
use crate::output::Output;

/// USB/IP's registered port, for clients on this computer.
const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3240);
const HELP: &str = "plug N, unplug N, boot0 N held|free, reset N, dump N FILE, load N ADDRESS FILE, boots N, list, violations, quit";

pub(crate) fn run(command: &Sim, output: &mut Output) -> Result<(), Failure> {
    let clock = Arc::new(RealClock::new());
    let bench =
        SimHardware::from_spec(&command.bench, Arc::clone(&clock) as Arc<_>).map_err(|error| {
            CliFailure::BadBench {
                why: error.to_string(),
            }
        })?;
    let mut server =
        Server::new(Arc::new(bench.clone())).map_err(|error| CliFailure::NoServer {
            why: error.to_string(),
        })?;
    let default = (!attaches(command)).then_some(DEFAULT_ADDRESS);
    if let Some(address) = command.usbip.or(default) {
        let address = server
            .listen(address)
            .map_err(|error| CliFailure::NoServer {
                why: error.to_string(),
            })?;
        output.say(&format!("The bench is offered at {address}"));
    }
    #[cfg(target_os = "linux")]
    if command.attach {
        server.attach_here().map_err(|error| CliFailure::NoVhci {
            why: error.to_string(),
        })?;
        output.say("The bench is plugged into this computer");
    }
    output.say(&format!("ready. Hands: {HELP}"));
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        match obey(&bench, &line) {
            Answer::Text(text) => output.say(&text),
            Answer::Quit => return Ok(()),
        }
    }
    serve_until_killed(clock.as_ref())
}

#[cfg(target_os = "linux")]
fn attaches(command: &Sim) -> bool {
    command.attach
}

#[cfg(not(target_os = "linux"))]
fn attaches(_command: &Sim) -> bool {
    false
}

/// Nobody moves the hands any more.
fn serve_until_killed(clock: &dyn Clock) -> ! {
    loop {
        clock.sleep(Duration::from_hours(1));
    }
}

enum Answer {
    Text(String),
    Quit,
}

fn obey(bench: &SimHardware, line: &str) -> Answer {
    let words: Vec<&str> = line.split_whitespace().collect();
    let probe = |digits: &str| {
        digits
            .parse::<usize>()
            .ok()
            .filter(|probe| *probe < bench.probe_count())
    };
    let text = match words.as_slice() {
        ["quit"] => return Answer::Quit,
        ["list"] => list(bench),
        ["violations"] => format!("ok {:?}", bench.violations()),
        [hand, number, rest @ ..] => match probe(number) {
            None => format!("error: there is no probe {number}"),
            Some(probe) => move_hand(bench, hand, probe, rest),
        },
        _ => format!("error: {HELP}"),
    };
    Answer::Text(text)
}

fn move_hand(bench: &SimHardware, hand: &str, probe: usize, rest: &[&str]) -> String {
    match (hand, rest) {
        ("plug", []) => bench.plug(probe),
        ("unplug", []) => bench.unplug(probe),
        ("reset", []) => bench.tap_reset(probe),
        ("boot0", ["held"]) => bench.hold_boot0(probe, true),
        ("boot0", ["free"]) => bench.hold_boot0(probe, false),
        ("boots", []) => return format!("ok {:?}", bench.what_boots(probe)),
        ("dump", [file]) => {
            if let Err(error) = std::fs::write(Path::new(file), bench.dump(probe)) {
                return format!("error: {file}: {error}");
            }
        }
        ("load", [address, file]) => {
            let address = u32::from_str_radix(address.trim_start_matches("0x"), 16);
            match (address, std::fs::read(file)) {
                (Ok(address), Ok(bytes)) => bench.load(probe, address, &bytes),
                (Err(error), _) => return format!("error: {error}"),
                (_, Err(error)) => return format!("error: {file}: {error}"),
            }
        }
        _ => return format!("error: {HELP}"),
    }
    "ok".to_owned()
}

fn list(bench: &SimHardware) -> String {
    let devices = bench.list().unwrap_or_default();
    let lines: Vec<String> = devices.iter().map(describe).collect();
    format!("ok {}", lines.join("; "))
}
