//! The devices of a bench, offered to clients: who has which, and who is told when one leaves. The only place of
//! the simulator that starts threads: each connection needs to be heard while its device is at work.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::descriptor::{BY_INTERFACE, CDC_CLASSES, CDC_DEVICE, DFU_CLASS, Descriptors};
use super::device::Device;
use super::function::Dfu;
use super::op::{self, Exported, Refusal, Request};
use super::serial::{Port, Serial};
use super::session::{Desk, serve_bulk, serve_control};
use super::stream::Stream;
use crate::transport::{DeviceId, DeviceInfo, Hardware, LinkError, LinkErrorKind};

/// How often it is looked whether a device left the bus or came to it.
const WATCH: Duration = Duration::from_millis(10);
/// A client has to say what it wants within this time.
const GREETING: Duration = Duration::from_secs(10);

/// A bench that is offered over USB/IP. Dropping it takes all devices away from their clients.
pub struct Server {
    offer: Arc<Offer>,
    addresses: Vec<SocketAddr>,
}

struct Offer {
    hardware: Arc<dyn Hardware>,
    sessions: Mutex<BTreeMap<DeviceId, Arc<Desk>>>,
    stop: AtomicBool,
    attaches_here: AtomicBool,
}

/// A device ready to be served.
struct Opened {
    device: Device,
    port: Option<Arc<Port>>,
}

impl Server {
    /// Offers what is on this bench, to nobody yet. The bench has to live in real time.
    pub fn new(hardware: Arc<dyn Hardware>) -> io::Result<Self> {
        let offer = Arc::new(Offer {
            hardware,
            sessions: Mutex::new(BTreeMap::new()),
            stop: AtomicBool::new(false),
            attaches_here: AtomicBool::new(false),
        });
        let watched = Arc::clone(&offer);
        spawn("usbip watch", move || watch(&watched))?;
        Ok(Self {
            offer,
            addresses: Vec::new(),
        })
    }

    /// Accepts clients at this address, such as `127.0.0.1:3240`. Returns where it really listens.
    pub fn listen(&mut self, address: SocketAddr) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let offer = Arc::clone(&self.offer);
        spawn("usbip accept", move || accept(&offer, &listener))?;
        self.addresses.push(address);
        Ok(address)
    }

    /// Plugs every device into this computer's own virtual host controller (the kernel module `vhci-hcd`), and
    /// again whenever it comes back. Needs root.
    #[cfg(target_os = "linux")]
    pub fn attach_here(&self) -> io::Result<()> {
        super::vhci::check()?;
        self.offer.attaches_here.store(true, Ordering::SeqCst);
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.offer.stop.store(true, Ordering::SeqCst);
        for desk in self.offer.sessions().values() {
            desk.close();
        }
        for address in &self.addresses {
            // Wakes the thread that waits there.
            TcpStream::connect(address).ok();
        }
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

impl Offer {
    fn sessions(&self) -> MutexGuard<'_, BTreeMap<DeviceId, Arc<Desk>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    fn devices(&self) -> Vec<DeviceInfo> {
        self.hardware.list().unwrap_or_default()
    }

    /// Opens a device for one client and keeps others from it.
    fn reserve(
        &self,
        info: &DeviceInfo,
        stream: &dyn Stream,
    ) -> Result<(Opened, Arc<Desk>), Refusal> {
        let desk = stream
            .duplicate()
            .map(|writer| Arc::new(Desk::new(writer)))
            .map_err(|_io| Refusal::Error)?;
        {
            let mut sessions = self.sessions();
            if sessions.contains_key(&info.id) {
                return Err(Refusal::Busy);
            }
            sessions.insert(info.id.clone(), Arc::clone(&desk));
        }
        match self.open(info) {
            Ok(opened) => Ok((opened, desk)),
            Err(error) => {
                tracing::debug!("{} cannot be served: {error}", info.id);
                self.sessions().remove(&info.id);
                Err(if error.kind == LinkErrorKind::Busy {
                    Refusal::Busy
                } else {
                    Refusal::Error
                })
            }
        }
    }

    fn open(&self, info: &DeviceInfo) -> Result<Opened, LinkError> {
        if info.port.is_none() {
            let link = self.hardware.open_dfu(&info.id)?;
            let descriptors =
                Descriptors::dfu(info, link.functional_descriptor(), link.alt_settings());
            return Ok(Opened {
                device: Device::new(descriptors, Box::new(Dfu::new(link))),
                port: None,
            });
        }
        let port = Arc::new(Port::open(Arc::clone(&self.hardware), info.id.clone())?);
        let function = Box::new(Serial::new(Arc::clone(&port)));
        Ok(Opened {
            device: Device::new(Descriptors::serial(info), function),
            port: Some(port),
        })
    }

    /// Serves a device until it or its client is gone. Then its links are closed and it is free again.
    fn serve(
        self: &Arc<Self>,
        id: &DeviceId,
        opened: Opened,
        desk: &Arc<Desk>,
        stream: &mut dyn Stream,
    ) {
        let mut workers = Vec::new();
        if let Err(reason) = self.start_workers(opened, desk, &mut workers) {
            tracing::warn!("{id} cannot be served: {reason}");
            desk.close();
        }
        desk.receive(stream);
        for worker in workers {
            if worker.join().is_err() {
                tracing::error!("serving {id} ended in a panic");
            }
        }
        self.sessions().remove(id);
    }

    fn start_workers(
        self: &Arc<Self>,
        opened: Opened,
        desk: &Arc<Desk>,
        workers: &mut Vec<thread::JoinHandle<()>>,
    ) -> io::Result<()> {
        let Opened { mut device, port } = opened;
        let at = Arc::clone(desk);
        workers.push(spawn("usbip control", move || {
            serve_control(&at, &mut device);
        })?);
        if let Some(port) = port {
            let (at, offer) = (Arc::clone(desk), Arc::clone(self));
            workers.push(spawn("usbip bulk", move || {
                serve_bulk(&at, &port, offer.hardware.clock());
            })?);
        }
        Ok(())
    }
}

/// Ends the sessions of devices that left, and attaches what came.
fn watch(offer: &Arc<Offer>) {
    while !offer.stopped() {
        offer.hardware.clock().sleep(WATCH);
        let devices = offer.devices();
        for (id, desk) in offer.sessions().iter() {
            if !devices.iter().any(|device| device.id == *id) {
                desk.close();
            }
        }
        #[cfg(target_os = "linux")]
        if offer.attaches_here.load(Ordering::SeqCst) {
            for info in &devices {
                attach(offer, info);
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn attach(offer: &Arc<Offer>, info: &DeviceInfo) {
    if offer.sessions().contains_key(&info.id) {
        return;
    }
    let exported = export(info);
    let attached = std::os::unix::net::UnixStream::pair().and_then(|(ours, kernels)| {
        ours.set_write_timeout(Some(GREETING))?;
        let reserved = offer.reserve(info, &ours);
        let Ok((opened, desk)) = reserved else {
            return Ok(());
        };
        if let Err(reason) = super::vhci::attach(&kernels, &exported) {
            offer.sessions().remove(&info.id);
            return Err(reason);
        }
        let (offer, id) = (Arc::clone(offer), info.id.clone());
        spawn("usbip session", move || {
            let mut ours = ours;
            offer.serve(&id, opened, &desk, &mut ours);
        })
        .map(drop)
    });
    if let Err(reason) = attached {
        // The port may still be busy with the device that was there before: the next look tries again.
        tracing::debug!("{} cannot be attached yet: {reason}", info.id);
    }
}

fn accept(offer: &Arc<Offer>, listener: &TcpListener) {
    for client in listener.incoming() {
        if offer.stopped() {
            return;
        }
        let served = client.and_then(|client| {
            let offer = Arc::clone(offer);
            spawn("usbip session", move || {
                if let Err(reason) = greet(&offer, client) {
                    tracing::debug!("a USB/IP client was not served: {reason}");
                }
            })
        });
        if let Err(reason) = served {
            tracing::warn!("a USB/IP client was turned away: {reason}");
        }
    }
}

/// Finds out what a client wants, and gives it.
fn greet(offer: &Arc<Offer>, mut client: TcpStream) -> io::Result<()> {
    client.set_nodelay(true)?;
    client.set_read_timeout(Some(GREETING))?;
    client.set_write_timeout(Some(GREETING))?;
    let mut header = [0; op::HEADER];
    client.read_exact(&mut header)?;
    match Request::parse(header).map_err(io::Error::other)? {
        Request::DevList => {
            let devices: Vec<Exported> = offer.devices().iter().map(export).collect();
            client.write_all(&op::device_list(&devices))
        }
        Request::Import => {
            let mut field = [0; op::BUS_ID];
            client.read_exact(&mut field)?;
            client.set_read_timeout(None)?;
            let wanted = op::bus_id(&field);
            let devices = offer.devices();
            let Some(info) = devices
                .iter()
                .find(|info| Some(export(info).bus_id.as_str()) == wanted)
            else {
                return client.write_all(&op::imported(Err(Refusal::NoDevice)));
            };
            match offer.reserve(info, &client) {
                Ok((opened, desk)) => {
                    // A client that is gone already is noticed when it is read from.
                    client.write_all(&op::imported(Ok(&export(info)))).ok();
                    offer.serve(&info.id, opened, &desk, &mut client);
                    Ok(())
                }
                Err(refusal) => client.write_all(&op::imported(Err(refusal))),
            }
        }
    }
}

fn export(info: &DeviceInfo) -> Exported {
    let location = info.location.as_ref().map_or("1-1", |at| at.0.as_str());
    let socket = location
        .rsplit(['-', '.'])
        .next()
        .and_then(|digits| digits.parse().ok());
    let (class, interfaces) = if info.port.is_some() {
        (CDC_DEVICE, CDC_CLASSES.to_vec())
    } else {
        (BY_INTERFACE, vec![DFU_CLASS])
    };
    Exported {
        bus_id: location.to_owned(),
        bus: 1,
        number: socket.unwrap_or(1),
        ids: info.ids,
        class,
        interfaces,
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<thread::JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(work)
}
