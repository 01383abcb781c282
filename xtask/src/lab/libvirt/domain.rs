//! A guest as libvirt has it described.

use std::path::Path;

use super::super::guest::Guest;
use super::super::machine::{MEMORY, Machine};

/// The description of a domain that runs `guest` on `machine`.
pub(super) fn description(name: &str, machine: &Machine, guest: &Guest, emulator: &Path) -> String {
    let [emulator, kernel, initramfs] = [emulator, &guest.kernel, &guest.initramfs].map(escaped);
    let [disk, console, agent, shell] =
        [machine.disk(), machine.console(), machine.agent(), machine.shell()]
            .map(|path| escaped(&path));
    let (processors, arguments) = (machine.processors, machine.kernel_arguments());
    format!(
        "<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>{MEMORY}</memory>
  <vcpu>{processors}</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>{kernel}</kernel>
    <initrd>{initramfs}</initrd>
    <cmdline>{arguments}</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    <emulator>{emulator}</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw' cache='unsafe' discard='unmap'/>
      <source file='{disk}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <serial type='file'><source path='{console}'/></serial>
    <channel type='unix'>
      <source mode='bind' path='{agent}'/>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
    <channel type='unix'>
      <source mode='bind' path='{shell}'/>
      <target type='virtio' name='lab.shell'/>
    </channel>
    <memballoon model='none'/>
  </devices>
</domain>
"
    )
}

fn escaped(path: &Path) -> String {
    let text = path.display().to_string();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_end_the_text_it_is_in() {
        assert_eq!(escaped(Path::new("/a'b<c&d")), "/a&apos;b&lt;c&amp;d");
    }
}
