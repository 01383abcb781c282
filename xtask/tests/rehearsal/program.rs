//! A program written against the bindings as they were when QEMU 9.0 was the newest release.

#[path = "../../qga-bindings/src/generated/mod.rs"]
#[expect(dead_code, reason = "a program uses some of it")]
mod generated;

/// What the generated code stands on.
mod wire {
    pub use qga_bindings::runtime::*;
}

use generated::commands::{GuestExec, GuestFileSeek, GuestGetFsinfo, GuestInfo, GuestShutdown};
use generated::stubs::Commands;
use generated::types::{GuestDiskBusType, GuestDiskSmart, GuestFilesystemInfo, GuestShutdownMode, QGASeek};
use qga_bindings::blocking::Client;
use qga_bindings::{Command, NoReply};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut agent = Client::new(std::net::TcpStream::connect("127.0.0.1:1")?);
    let info = agent.execute(&GuestInfo::new())?;
    for command in info.supported_commands.unwrap_or_default() {
        println!("{} {} {:?}", command.name, command.enabled, command.success_response);
    }
    for GuestFilesystemInfo { mountpoint, disk, total_bytes, .. } in agent.execute(&GuestGetFsinfo::new())? {
        let nvme = disk.iter().any(|disk| matches!(disk.bus_type, GuestDiskBusType::Nvme));
        println!("{mountpoint} {nvme} {total_bytes:?}");
    }
    for disk in agent.guest_get_disks()? {
        if let Some(GuestDiskSmart::Nvme(smart)) = disk.smart {
            println!("{}", smart.temperature);
        }
    }
    let process = agent.guest_exec(GuestExec::new("/bin/true").arg(["-v"]).capture_output(true))?;
    println!("{}", process.pid);
    agent.execute(&GuestFileSeek::new(1000, 0, QGASeek::Set))?;
    let _: NoReply = agent.execute(&GuestShutdown::new().mode(GuestShutdownMode::Reboot))?;
    println!("{}", GuestShutdown::NAME);
    Ok(())
}
