//! `flash --firmware`: the official firmware for the probe at hand, and its bytes.

use std::ops::ControlFlow;
use std::sync::Arc;

use carto_flasher::advice::{self, CliFailure};
use carto_flasher::board::Transport;
use carto_flasher::catalog::fetch::FetchError;
use carto_flasher::catalog::select::{self, Offer, Source, Wanted};
use carto_flasher::catalog::{
    Catalog, CatalogError, Entry, EntryRole, Loaded, Origin, Place, Status,
};
use carto_flasher::flash::plan::{self, Route, Target};
use carto_flasher::image::{self, FirmwareVersion, Image, Misfit, Variant};
use carto_flasher::klipper;
use carto_flasher::transport::DeviceInfo;
use carto_flasher::transport::native::RealClock;

use crate::args::{Bus, Flash, Wish};
use crate::exit::{Exit, Failure};
use crate::firmware;
use crate::flash::{Chosen, Official};
use crate::hardware::Bench;
use crate::output::Output;

/// What stands for the newest.
const LATEST: &str = "latest";

/// The firmware that `--firmware` names, for this probe.
pub(crate) fn pick(
    bench: &Bench,
    device: &DeviceInfo,
    command: &Flash,
    output: &mut Output,
) -> Result<Chosen, Failure> {
    let wanted = command.firmware.as_deref().unwrap_or(LATEST);
    let target = plan::target(device, command.write.via.into())
        .map_err(|refusal| Failure::new(Exit::Refused, advice::for_refusal(&refusal)))?;
    // A simulated bench is for trying things out: nothing happens outside of this computer unasked.
    let simulated = matches!(bench, Bench::Simulated(_));
    let picker = Picker {
        catalog: firmware::open(&command.places, simulated, output),
        clock: RealClock::new(),
        target,
        simulated,
        notes: Vec::new(),
    };
    if wanted != LATEST {
        if !command.wish.is_empty() {
            return Err(CliFailure::ContradictoryOptions {
                why: "An ID names one firmware already: --transport, --bitrate and --variant are for `--firmware latest`",
            }.into());
        }
        return picker.by_id(wanted, output);
    }
    let transport = transport(command.wish)?;
    let variant = match command.wish.variant {
        Some(build) => build.into(),
        None => picker.usual_variant(bench, output),
    };
    picker.latest(transport, variant, output)
}

/// How the probe shall talk: as it is seen to, unless something else is asked for.
fn transport(wish: Wish) -> Result<Transport, CliFailure> {
    match (wish.transport, wish.bitrate) {
        // A probe is flashed over USB, so its firmware or its Katapult talks USB; in DFU mode nothing tells.
        (None | Some(Bus::Usb), None) => Ok(Transport::Usb),
        (Some(Bus::Usb), Some(_)) => Err(CliFailure::ContradictoryOptions {
            why: "Only CAN has a bitrate",
        }),
        (None | Some(Bus::Can), bitrate) => Ok(Transport::Can {
            bitrate: bitrate.unwrap_or(select::USUAL_BITRATE),
        }),
    }
}

struct Picker {
    catalog: Catalog,
    clock: RealClock,
    target: Target,
    simulated: bool,
    notes: Vec<String>,
}

impl Picker {
    /// The newest firmware there is; offline, the newest that is on this computer.
    fn latest(
        mut self,
        transport: Transport,
        variant: Variant,
        output: &mut Output,
    ) -> Result<Chosen, Failure> {
        self.notes = firmware::refresh(&self.catalog, &self.clock, output)?;
        let wanted = Wanted {
            board: select::usual_board(self.target.mcu),
            transport,
            variant,
            route: self.route(),
        };
        let Some(offer) = self.catalog.recommend(&wanted) else {
            return Err(match self.catalog.offers(&wanted).first() {
                Some(newest) => self.not_here(newest, wanted),
                None => CliFailure::NoSuchBuild {
                    board: wanted.board,
                    transport,
                    variant,
                }
                .into(),
            });
        };
        if self.target.route == Route::Dfu && transport == Transport::Usb {
            output.say("A probe in DFU mode does not tell how it talks to the printer: USB is taken. For CAN add --transport can --bitrate 1M");
        }
        let loaded = self
            .load(What::Offer(&offer), output)
            .map_err(|error| self.not_had(&error, &offer.source, Some(wanted)))?;
        output.say(&format!(
            "Newest    {} for {}, {transport}, {}{}",
            offer.version,
            self.target.mcu.boards_label(),
            label(variant),
            from(&loaded)
        ));
        if let Some(newer) = select::newest(&self.catalog.listing().entries, wanted.board)
            .filter(|newer| *newer > offer.version)
        {
            let exists = |offer: &Offer| offer.version == newer;
            let note = if self.catalog.offers(&wanted).iter().any(exists) {
                format!("{newer} exists, but is not on this computer")
            } else {
                format!(
                    "{newer} exists, but not for {transport}, {}",
                    label(variant)
                )
            };
            self.note(note, output);
        }
        let official = official(offer.source.firmware(), offer.min_plugin);
        self.finish(offer.source.firmware(), &loaded, official, output)
    }

    /// The one firmware with this ID, in the form that this probe takes now.
    fn by_id(mut self, id: &str, output: &mut Output) -> Result<Chosen, Failure> {
        let entry = firmware::entry(&self.catalog, id, &self.clock, output)?;
        self.check(&entry)?;
        let source = select::source(&self.catalog.listing().entries, &entry, self.route());
        let loaded = self
            .load(What::Source(&source), output)
            .map_err(|error| self.not_had(&error, &source, None))?;
        output.say(&format!("Chosen    {id}{}", from(&loaded)));
        let official = official(&entry, entry.min_plugin);
        self.finish(&entry, &loaded, official, output)
    }

    /// Refuses before anything is fetched what the plan would refuse.
    fn check(&self, entry: &Entry) -> Result<(), Failure> {
        let misfit = |misfit| Failure::new(Exit::Refused, advice::for_misfit(&misfit));
        let probe = self.target.mcu;
        if let Some(file) = entry.board.mcu().filter(|file| *file != probe) {
            return Err(misfit(Misfit::OtherMcu { file, probe }));
        }
        let needs_dfu = matches!(entry.role, EntryRole::Combined | EntryRole::Bootloader);
        match entry.role.image_role() {
            Some(role) if needs_dfu && self.target.route != Route::Dfu => {
                let failure = misfit(Misfit::NotThroughKatapult { role });
                Err(
                    match select::sibling(&self.catalog.listing().entries, entry, EntryRole::App) {
                        Some(app) => {
                            failure.step(format!("The firmware alone: --firmware {}", app.id))
                        }
                        None => failure,
                    },
                )
            }
            _ => Ok(()),
        }
    }

    /// Full or lite: what the user prefers, or what the probe runs now.
    fn usual_variant(&self, bench: &Bench, output: &mut Output) -> Variant {
        let prefer_lite = firmware::settings(output).prefer_lite;
        let runs = if prefer_lite || self.target.route != Route::Touch {
            None
        } else {
            self.running_variant(bench, output)
        };
        select::usual_variant(prefer_lite, runs)
    }

    fn running_variant(&self, bench: &Bench, output: &mut Output) -> Option<Variant> {
        match klipper::ask(bench.hardware(), &self.target.device.id) {
            Ok(identity) => {
                output.say(&format!("Runs now  \"{}\"", identity.version));
                Some(Variant::from_text(&identity.version))
            }
            Err(error) => {
                output.say(&format!("The probe could not be asked for its version ({error}): the full build is taken"));
                None
            }
        }
    }

    fn route(&self) -> image::Route {
        match self.target.route {
            Route::Dfu => image::Route::Dfu,
            Route::Katapult | Route::Touch => image::Route::Katapult,
        }
    }

    /// Loads with a bar, and says what was noticed on the way.
    fn load(&mut self, what: What<'_>, output: &mut Output) -> Result<Loaded, Box<CatalogError>> {
        let source = match what {
            What::Offer(offer) => &offer.source,
            What::Source(source) => source,
        };
        let total = source.files().filter_map(|entry| entry.size).sum();
        let interrupt = output.interrupt();
        let asked = interrupt.clone();
        let mut got = 0_u64;
        let mut on_bytes = |bytes| {
            got = got.saturating_add(bytes);
            let text = format!("{:.1} KiB", got as f64 / 1024.0);
            output.bar("Fetch firmware", got, total, &text);
            if asked.asked() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let result = interrupt.while_fetching(|| {
            let loaded = match what {
                What::Offer(offer) => self.catalog.load_offer(offer, &self.clock, &mut on_bytes),
                What::Source(source) => {
                    self.catalog.load_source(source, &self.clock, &mut on_bytes)
                }
            };
            loaded.map_err(Box::new)
        });
        output.end_bar();
        if let Ok(loaded) = &result {
            for note in &loaded.notes {
                self.note(advice::for_note(note), output);
            }
        }
        result
    }

    /// Bytes to image; with Katapult beside it where a touch may end in DFU mode.
    fn finish(
        mut self,
        entry: &Entry,
        loaded: &Loaded,
        official: Official,
        output: &mut Output,
    ) -> Result<Chosen, Failure> {
        let image = loaded
            .image(entry)
            .map_err(|error| Failure::new(Exit::Refused, advice::for_image_error(&error)))?;
        let katapult = self
            .catalog
            .bootloader(entry)
            .filter(|_| self.target.route == Route::Touch && entry.role == EntryRole::App);
        let bootloader = match katapult {
            Some(katapult) => self.optional(&katapult, output)?,
            None => None,
        };
        Ok(Chosen {
            image,
            bootloader,
            official,
            notes: self.notes,
        })
    }

    /// Katapult, which is needed only if the probe has none.
    fn optional(
        &mut self,
        katapult: &Arc<Entry>,
        output: &mut Output,
    ) -> Result<Option<Image>, Failure> {
        let source = Source::File {
            entry: Arc::clone(katapult),
        };
        let image = match self.load(What::Source(&source), output) {
            Ok(loaded) => loaded.image(katapult).ok(),
            Err(error) if error.is_cancelled() => return Err(firmware::not_had(&error)),
            Err(_) => None,
        };
        if image.is_none() {
            let note = format!(
                "{} is not at hand. It is needed only if this probe has no Katapult: then the job stops in DFU mode, and a second one goes on from there",
                katapult.id
            );
            self.note(note, output);
        }
        Ok(image)
    }

    /// Worth knowing, and no reason to stop.
    fn note(&mut self, note: String, output: &mut Output) {
        output.say(&format!("Note      {note}"));
        self.notes.push(note);
    }

    fn not_here(&self, newest: &Offer, wanted: Wanted) -> Failure {
        let error = CatalogError::NotAvailable {
            id: newest.id().to_owned(),
            damaged: Vec::new(),
            why: FetchError::OfflineMode,
        };
        self.not_had(&error, &newest.source, Some(wanted))
    }

    /// Says how to get the firmware, or what else is here.
    fn not_had(&self, error: &CatalogError, source: &Source, wanted: Option<Wanted>) -> Failure {
        let mut failure = firmware::not_had(error);
        if error.fetch() == Some(&FetchError::OfflineMode) {
            if self.simulated {
                failure
                    .advice
                    .cause
                    .push_str(" On a simulated bench it is asked only if --source is given.");
            }
            failure.advice.steps.clear();
            let ids: Vec<&str> = source.files().map(|entry| entry.id.as_str()).collect();
            return failure
                .step(format!(
                    "Fetch it once, with a network: carto-flasher-cli firmware fetch {}",
                    ids.join(" ")
                ))
                .step("Or everything there is: carto-flasher-cli firmware fetch --all".to_owned());
        }
        let here = wanted.and_then(|wanted| {
            let offers = self.catalog.offers(&wanted);
            offers
                .into_iter()
                .find(|offer| self.catalog.offer_status(offer) > Status::NeedsDownload)
        });
        match here {
            Some(offer) => failure.step(format!(
                "Or take {}, which is on this computer: --firmware latest --offline",
                offer.version
            )),
            None => failure,
        }
    }
}

/// What is loaded: one source, or the better of an offer's two.
#[derive(Clone, Copy)]
enum What<'a> {
    Offer(&'a Offer),
    Source(&'a Source),
}

fn official(entry: &Entry, min_plugin: Option<FirmwareVersion>) -> Official {
    let only_by = match &entry.origin {
        Origin::Fetched { source, .. } if !entry.has_hash() => Some(source.clone()),
        Origin::Fetched { .. } | Origin::Embedded => None,
    };
    Official {
        id: Some(entry.id.clone()),
        only_by,
        min_plugin,
    }
}

fn label(variant: Variant) -> &'static str {
    match variant {
        Variant::Full => "full build",
        Variant::Lite => "lite build",
    }
}

fn from(loaded: &Loaded) -> &'static str {
    match loaded.from {
        Place::Network => ", fetched just now",
        Place::Cache => ", kept on this computer",
        Place::Bundled => ", from the folder beside this program",
    }
}
