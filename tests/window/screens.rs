//! Every screen as a state, for whoever wants to look at all of them: sizes, and the benchmark of a frame.

use carto_flasher::app::firmware::follow;
use carto_flasher::app::practice::Bench;
use carto_flasher::app::state::{AppState, Page, Question};
use carto_flasher::board::{Mode, Model, Transport};
use carto_flasher::flash::Aftermath;

use crate::states::{
    F042, G431, coach_state, done, failed, flashing, not_permitted, now_on_can, picked,
    probe_found, reviewed, running, seen, waited_in_vain,
};
use crate::ui;

/// Every screen with its name.
pub(crate) fn screens() -> Vec<(&'static str, AppState)> {
    let update = running(G431, "CARTOGRAPHER V4 6.1.0");
    let mut switch = running(F042, "CARTOGRAPHER 5.1.0");
    switch.options.wanted = Some(Transport::Can { bitrate: 1_000_000 });
    follow(&mut switch);
    let mut offline = update.clone();
    offline.settings.offline = true;
    follow(&mut offline);
    let front = |page| {
        let mut state = probe_found();
        state.page = Some(page);
        state
    };
    let mut asking = flashing();
    asking.question = Some(Question::StopJob);
    let mut benched = waited_in_vain(Model::V4);
    benched.simulated = true;
    benched.bench = Some(Bench::default());
    let again = [None, Some(Mode::Firmware), None, Some(Mode::Firmware)];
    let firmware = Some(Mode::Firmware);
    vec![
        ("nothing", ui::state(Vec::new())),
        ("probe", probe_found()),
        ("not permitted", not_permitted()),
        ("firmware", update),
        ("firmware offline", offline),
        ("firmware in DFU mode", seen(ui::dfu("a", F042), |_| {})),
        ("switch to CAN", switch),
        ("inspected", picked()),
        ("review", reviewed()),
        ("flash", flashing()),
        ("question", asking),
        ("done", done()),
        ("done on CAN", now_on_can(G431, true)),
        ("failed", failed(Aftermath::NeedsPads)),
        ("boards", coach_state(None, None, &[])),
        ("pads of V2", coach_state(Some(Model::V2), firmware, &[])),
        ("pads of V3", coach_state(Some(Model::V3), firmware, &again)),
        ("holes of V4", coach_state(Some(Model::V4), None, &[])),
        ("silence on the bench", benched),
        (
            "DFU mode",
            coach_state(Some(Model::V3), None, &[Some(Mode::RomDfu)]),
        ),
        ("settings", front(Page::Settings)),
        ("about", front(Page::About)),
    ]
}
