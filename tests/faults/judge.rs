//! Is what the job said true of the chip, and does the way back that it named work?

use std::time::Duration;

use carto_flasher::advice;
use carto_flasher::board::Mcu;
use carto_flasher::flash::plan::{Refusal, plan};
use carto_flasher::flash::{Aftermath, FlashError, JobEnd, Outcome};
use carto_flasher::transport::Hardware as _;
use carto_flasher::transport::sim::SimHardware;

use crate::scene::{Engine, Fault, Hands, LONGEST, NextStart, Played, Scene, play_on};
use crate::support::request;

/// How a case ended, in a word for the table, or which promise was broken.
pub fn judge(scene: &Scene, faults: &[Fault], played: Played) -> Result<String, String> {
    let Played {
        bench, end, took, ..
    } = played;
    if took > LONGEST {
        return Err(format!("took {took:?} of virtual time"));
    }
    if let [violation, ..] = bench.violations().as_slice() {
        return Err(format!("a rule of the device was broken: {violation}"));
    }
    let verdict = match &end {
        JobEnd::Finished(report) => finished(scene, &bench, &report.outcome)?,
        JobEnd::Failed(error) => {
            let verdict = failed(scene, faults, &bench, error)?;
            words(error, scene.mcu)?;
            verdict
        }
        JobEnd::Cancelled(_) => return Err("cancelled by nobody".to_owned()),
    };
    if matches!(end, JobEnd::Failed(_)) {
        second_run(scene, faults, &bench)
            .map_err(|why| format!("{verdict}, and then the second run: {why}; first: {end:?}"))?;
    }
    Ok(verdict)
}

fn finished(scene: &Scene, bench: &SimHardware, outcome: &Outcome) -> Result<String, String> {
    if !scene.is_written(&bench.dump(0)) {
        return Err("finished without the image in flash".to_owned());
    }
    let bridged = bench.is_boot0_held(0);
    bench.hold_boot0(0, false);
    let next = scene.next_start(bench);
    if next != NextStart::WholeFirmware {
        return Err(format!("finished, but next: {next:?}"));
    }
    match outcome {
        Outcome::Returned { .. } => Ok("Finished".to_owned()),
        Outcome::ReplugToStart => Ok("Finished, ReplugToStart".to_owned()),
        // BOOT0 is bridged only by hands that helped a V4 back into DFU mode.
        Outcome::ReleaseBoot0 if bridged => Ok("Finished, ReleaseBoot0".to_owned()),
        other => Err(format!("finished with {other:?}")),
    }
}

/// The named aftermath against what the chip holds.
fn failed(
    scene: &Scene,
    faults: &[Fault],
    bench: &SimHardware,
    error: &FlashError,
) -> Result<String, String> {
    let held = bench.dump(0);
    bench.hold_boot0(0, false);
    let next = scene.next_start(bench);
    let in_bootloader = answers(bench, faults);
    let is_true = match error.aftermath {
        Aftermath::Untouched => held == scene.contents,
        Aftermath::UnchangedOrErased => {
            held == scene.contents || matches!(next, NextStart::RomDfu | NextStart::Katapult)
        }
        Aftermath::BootloaderStillThere => matches!(next, NextStart::RomDfu | NextStart::Katapult),
        Aftermath::BootloaderWhilePowered => in_bootloader,
        Aftermath::ReturnsToDfuOnReplug => next == NextStart::RomDfu,
        Aftermath::NeedsPads => scene.mcu == Mcu::Stm32G431 && next == NextStart::Dead,
        Aftermath::TornFirstPage => {
            scene.engine == Engine::Katapult && matches!(next, NextStart::Torn | NextStart::Dead)
        }
        Aftermath::WrittenNotVerified => {
            scene.is_written(&held) || matches!(next, NextStart::RomDfu | NextStart::Katapult)
        }
        Aftermath::Complete => scene.is_written(&held),
    };
    let mut verdict = format!("{:?}", error.aftermath);
    if error.aftermath == Aftermath::WrittenNotVerified
        && faults.len() > 1
        && faults.iter().any(|(kind, _)| *kind == "corrupt")
    {
        // The last page was stored wrong, and the link broke before it could be read back. No order of writing
        // helps against that: there is no firmware without its last page.
        return Ok(format!("{verdict} (and stored wrong)"));
    }
    if !is_true {
        // The last answer was lost: the job cannot know whether the page was finished, and says the worse.
        let pessimistic = matches!(
            (error.aftermath, next),
            (
                Aftermath::TornFirstPage | Aftermath::NeedsPads,
                NextStart::WholeFirmware | NextStart::Katapult
            )
        );
        if !pessimistic {
            return Err(format!("said {verdict}, but next: {next:?}; {error:?}"));
        }
        verdict.push_str(" (at worst)");
    }
    let named = matches!(
        error.aftermath,
        Aftermath::TornFirstPage | Aftermath::NeedsPads | Aftermath::BootloaderWhilePowered
    );
    let safe = match next {
        NextStart::RomDfu | NextStart::Katapult | NextStart::WholeFirmware => true,
        NextStart::Torn | NextStart::Dead => named,
    };
    let was_like_that = held == scene.contents && error.aftermath == Aftermath::Untouched;
    if safe || was_like_that {
        Ok(verdict)
    } else {
        Err(format!("boots something incomplete ({next:?}): {error:?}"))
    }
}

/// True if the probe is still in a bootloader that answers.
fn answers(bench: &SimHardware, faults: &[Fault]) -> bool {
    let silenced = faults.iter().any(|(kind, _)| *kind == "silence");
    let devices = bench.list().unwrap();
    !silenced
        && devices
            .iter()
            .any(|device| device.ids.product == 0xdf11 || device.ids.product == 0x6177)
}

fn in_katapult(bench: &SimHardware) -> bool {
    let devices = bench.list().unwrap();
    devices.iter().any(|device| device.ids.product == 0x6177)
}

/// The words are whole.
fn words(error: &FlashError, mcu: Mcu) -> Result<(), String> {
    let advice = advice::for_flash_error(error, mcu);
    if advice.title.is_empty() || advice.cause.is_empty() || advice.steps.is_empty() {
        return Err(format!("no words for {error:?}"));
    }
    Ok(())
}

/// The probe is brought back as its owner would, and the same job runs again: once, or once more for every fault
/// that is still to come.
fn second_run(scene: &Scene, faults: &[Fault], bench: &SimHardware) -> Result<(), String> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let stands_in = scene.engine == Engine::Dfu && in_katapult(bench);
        if attempt > 1 || stands_in || !answers(bench, faults) {
            bring_back(scene, bench);
        }
        match run_again(scene, bench) {
            Err(_) if attempt < faults.len() => {}
            other => return other,
        }
    }
}

fn run_again(scene: &Scene, bench: &SimHardware) -> Result<(), String> {
    let device = match bench.list().unwrap().as_slice() {
        [device] => device.clone(),
        devices => return Err(format!("{} devices came back", devices.len())),
    };
    let mut again = request(bench, scene.image.clone());
    again.device = device;
    again.backup = false;
    let plan = plan(&again).map_err(|refusal: Refusal| format!("{refusal:?}"))?;
    let second = play_on(bench.clone(), &plan, Hands::default());
    if !matches!(second.end, JobEnd::Finished(_)) {
        return Err(format!("{:?}", second.end));
    }
    bench.hold_boot0(0, false);
    let next = scene.next_start(bench);
    if scene.is_written(&bench.dump(0)) && next == NextStart::WholeFirmware {
        Ok(())
    } else {
        Err(format!("finished, but next: {next:?}"))
    }
}

/// Power off and on. DFU mode is entered by the pads where the chip does not return to it; Katapult by two taps
/// on RESET where it starts something that is torn.
fn bring_back(scene: &Scene, bench: &SimHardware) {
    bench.hold_boot0(0, false);
    let next = scene.next_start(bench);
    bench.hold_boot0(0, scene.engine == Engine::Dfu && next != NextStart::RomDfu);
    bench.power_cycle(0);
    bench.plug(0);
    bench.clock().sleep(Duration::from_secs(2));
    if scene.engine == Engine::Katapult && matches!(next, NextStart::Torn | NextStart::Dead) {
        bench.tap_reset(0);
        bench.clock().sleep(Duration::from_millis(100));
        bench.tap_reset(0);
        bench.clock().sleep(Duration::from_secs(2));
    }
}
