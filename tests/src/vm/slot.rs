//! Where tests that share a machine find it.

use xtask::lab::guest::Guest;

use super::Vm;

/// A guest, and its machine while that runs.
#[derive(Debug)]
pub struct Slot {
    /// What is booted.
    pub guest: Guest,
    /// The machine, if one has been booted and no test has taken it away.
    pub vm: Option<Vm>,
    booted: fn(&Vm),
}

impl Slot {
    /// A guest without a machine. Whatever is to be done with each machine that was switched on, `booted` does.
    pub fn new(guest: Guest, booted: fn(&Vm)) -> Self {
        Self { guest, vm: None, booted }
    }

    /// A machine that runs, and has booted long ago or not.
    ///
    /// # Panics
    /// There is none, and none can be booted.
    pub fn vm(&mut self) -> &mut Vm {
        drop(self.vm.take_if(Vm::is_off));
        let (guest, booted) = (&self.guest, self.booted);
        self.vm.get_or_insert_with(|| boot(guest, booted))
    }

    /// A machine that has just been switched on.
    ///
    /// # Panics
    /// It does not start.
    pub fn new_vm(&mut self) -> &mut Vm {
        // Two at a time would only be slower.
        drop(self.vm.take());
        self.vm()
    }

    /// Runs a test. If it fails, the machine goes with it, and tells what its guest said: nobody knows what the test has left
    /// of it.
    ///
    /// # Panics
    /// The test does.
    pub fn lend(&mut self, test: impl FnOnce(&mut Self)) {
        test(Using(self).0);
    }
}

fn boot(guest: &Guest, booted: fn(&Vm)) -> Vm {
    let vm = Vm::boot(guest);
    booted(&vm);
    vm
}

/// Takes the machine away when the test that has it fails.
struct Using<'a>(&'a mut Slot);

impl Drop for Using<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.vm = None;
        }
    }
}
