//! The guest's clock, users, hardware, network and file systems, and an overview of all of it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use qga_bindings::clock::{ClockError, Offset};
use qga_bindings::fake::{Agent, Answer};
use qga_bindings::hardware::HardwareError;
use qga_bindings::users::{Password, UserError};
use qga_bindings::{Error, Release};
use qga_tests::with_both_clients;

/// More than a test takes between two commands.
const AMPLE: Duration = Duration::from_secs(20);

/// Gives an agent what one of a release has.
fn answer_like(agent: &Agent, name: &'static str) {
    let like = Agent::of_release(Release::new(11, 1));
    let mut client = qga_bindings::blocking::Client::new(like.connect());
    let request = qga_bindings::protocol::Request::raw(name, &()).unwrap();
    let reply = client.request(&request, None).unwrap().unwrap();
    let json = reply.value().unwrap().get().to_owned();
    agent.on(name, move |_| Answer::json(&json));
}

with_both_clients! {
    fn a_clock_is_read_with_its_offset_and_how_far_that_can_be_wrong(agent, client) {
        let clock = agent.add_clock();
        clock.set_ahead(-3_600_000_000_000);
        let reading = done(client.clock().read()).unwrap();
        let Offset::Behind(by) = reading.offset() else { panic!("{reading:?}") };
        let hour = Duration::from_secs(3600);
        // The fake guest reads the host's clock, so that the bounds hold to the nanosecond.
        assert!(by.abs_diff(hour) <= reading.uncertainty + Duration::from_micros(50), "{by:?} {reading:?}");
    }

    fn the_quickest_answer_counts(agent, client) {
        agent.add_clock();
        agent.replace_next_answer("guest-get-time", Answer::json("0").after(Duration::from_millis(100)));
        let reading = done(client.clock().read()).unwrap();
        assert!(reading.guest > UNIX_EPOCH, "{reading:?}");
    }

    fn a_clock_is_set_to_a_time_or_by_the_host_or_by_the_hardware(agent, client) {
        let clock = agent.add_clock();
        done(client.clock().set(UNIX_EPOCH + Duration::from_secs(1))).unwrap();
        assert!(clock.ahead() < -1_000_000_000_000_000_000);
        let reading = done(client.clock().set_from_host()).unwrap();
        assert!(clock.ahead().unsigned_abs() < 1_000_000_000, "{reading:?}");
        assert_eq!(agent.requests().last().unwrap().name, "guest-get-time");
        clock.set_ahead(i64::from(i32::MAX));
        done(client.clock().set_from_hardware()).unwrap();
        assert_eq!(clock.ahead(), 0);
    }

    fn a_time_that_agents_cannot_take_is_not_sent(agent, client) {
        agent.add_clock();
        let far = SystemTime::now() + Duration::from_secs(300 * 366 * 86_400);
        let error = done(client.clock().set(far)).unwrap_err();
        assert!(matches!(error, ClockError::OutOfRange), "{error}");
        assert!(agent.requests().is_empty());
    }

    fn keys_are_listed_added_replaced_and_removed(agent, client) {
        let users = agent.add_users(["alice"]);
        let (one, two) = ("ssh-ed25519 AAAA one", "ssh-ed25519 BBBB two");
        done(client.users().add_ssh_keys("alice", &[one, two])).unwrap();
        done(client.users().add_ssh_keys("alice", &[one])).unwrap();
        assert_eq!(done(client.users().ssh_keys("alice")).unwrap(), [one, two]);
        done(client.users().remove_ssh_keys("alice", &[one])).unwrap();
        assert_eq!(users.keys("alice"), [two]);
        done(client.users().replace_ssh_keys("alice", &[one])).unwrap();
        assert_eq!(users.keys("alice"), [one]);
        let error = done(client.users().ssh_keys("bob")).unwrap_err();
        assert!(matches!(error, UserError::Agent(Error::Failed { .. })), "{error}");
    }

    fn what_can_be_no_key_is_not_sent(agent, client) {
        agent.add_users(["alice"]);
        for wrong in ["", " ", "ssh-ed25519 AAAA\nssh-rsa BBBB"] {
            let error = done(client.users().add_ssh_keys("alice", &["ssh-ed25519 AAAA", wrong])).unwrap_err();
            assert!(matches!(error, UserError::Key { position: 1 }), "{error}");
        }
        assert!(agent.requests().is_empty());
    }

    fn a_password_is_sent_plain_or_as_a_hash_and_never_shown(agent, client) {
        let users = agent.add_users(["alice"]);
        let password = Password::new("secret");
        done(client.users().set_password("alice", &password)).unwrap();
        assert_eq!(users.password("alice").as_deref(), Some("c2VjcmV0"));
        assert_eq!(agent.requests()[0].arguments["crypted"], false);
        done(client.users().set_password("alice", &Password::hashed("$6$x"))).unwrap();
        assert_eq!(agent.requests()[1].arguments["crypted"], true);
        assert!(!format!("{password:?}").contains("secret"));
        let error = done(client.users().set_password("bob", &password)).unwrap_err();
        assert!(!format!("{error:?} {error}").contains("c2VjcmV0"));
    }

    fn a_login_without_a_sensible_time_has_none(agent, client) {
        let users = r#"[{"user": "alice", "login-time": 1.5}, {"user": "bob", "login-time": -1e300}]"#;
        agent.on("guest-get-users", move |_| Answer::json(users));
        let logins = done(client.users().logins()).unwrap();
        assert_eq!(logins[0].since, Some(UNIX_EPOCH + Duration::from_millis(1500)));
        assert_eq!(logins[1].since, None);
    }

    fn processors_are_switched_until_one_cannot_be(agent, client) {
        agent.add_processors(4);
        done(client.hardware().switch_processors(&[(1, false), (2, false)])).unwrap();
        let processors = done(client.hardware().processors()).unwrap();
        assert_eq!(processors.iter().map(|one| one.online).collect::<Vec<_>>(), [true, false, false, true]);
        let wanted = [(1, true), (2, true), (7, true), (3, false)];
        match done(client.hardware().switch_processors(&wanted)).unwrap_err() {
            HardwareError::Processor { logical_id: 7, switched: 2, .. } => {}
            other => panic!("{other}"),
        }
        let processors = done(client.hardware().processors()).unwrap();
        assert!(processors.iter().all(|one| one.online), "what comes behind was left alone");
    }

    fn an_agent_that_counts_processors_wrongly_is_not_asked_for_ever(agent, client) {
        for count in ["0", "-1", "3"] {
            agent.on("guest-set-vcpus", move |_| Answer::json(count));
            let error = done(client.hardware().switch_processors(&[(1, false), (2, false)])).unwrap_err();
            assert!(matches!(error, HardwareError::Count { .. }), "{error}");
        }
    }

    fn each_memory_block_is_switched_on_its_own(agent, client) {
        agent.add_memory_blocks(4);
        agent.on("guest-get-memory-block-info", |_| Answer::json(r#"{"size": 134217728}"#));
        let error = done(client.hardware().switch_memory(&[(0, false), (1, false), (9, true)])).unwrap_err();
        let HardwareError::MemoryBlocks(failed) = error else { panic!("{error}") };
        assert_eq!(failed.iter().map(|block| block.phys_index).collect::<Vec<_>>(), [0, 9]);
        let memory = done(client.hardware().memory()).unwrap();
        assert_eq!(memory.online_bytes(), 3 << 27);
    }

    fn interfaces_have_addresses_with_their_networks(agent, client) {
        answer_like(&agent, "guest-network-get-interfaces");
        let interfaces = done(client.network().interfaces()).unwrap();
        let wired = &interfaces[1];
        assert_eq!(wired.mac.unwrap().to_string(), "52:54:00:12:34:56");
        let addresses: Vec<_> = wired.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["192.0.2.10/24", "2001:db8::10/64", "fe80::5054:ff:fe12:3456/64"]);
    }

    fn an_address_that_is_none_is_kept_as_it_came(agent, client) {
        let json = r#"[{"name": "x", "hardware-address": "?", "ip-addresses": [
            {"ip-address": "192.0.2.1", "ip-address-type": "ipv4", "prefix": 99},
            {"ip-address": "nowhere", "ip-address-type": "ipv9", "prefix": 1}]}]"#.replace('\n', "");
        agent.on("guest-network-get-interfaces", move |_| Answer::json(&json));
        let interfaces = done(client.network().interfaces()).unwrap();
        assert_eq!(interfaces[0].mac, None);
        assert!(interfaces[0].addresses.is_empty());
        assert_eq!(interfaces[0].unrecognized.len(), 2);
    }

    fn routes_are_read_in_spite_of_signs_that_agents_extend(agent, client) {
        answer_like(&agent, "guest-network-get-route");
        let routes = done(client.network().routes()).unwrap();
        assert!(routes.unrecognized.is_empty(), "{routes:?}");
        let [default, direct, local, none] = &routes.routes[..] else { panic!("{routes:?}") };
        assert_eq!((default.destination.prefix, default.gateway), (0, Some(IpAddr::from([192, 0, 2, 1]))));
        assert_eq!((direct.destination.to_string().as_str(), direct.gateway), ("192.0.2.0/24", None));
        assert_eq!((local.flags, local.mtu), (Some(0x8020_0001), None));
        assert_eq!(none.metric, u32::MAX);
    }

    fn a_route_that_is_not_understood_is_kept_as_it_came(agent, client) {
        let json = r#"[{"iface": "x", "destination": "192.0.2.0", "metric": 0, "mask": "255.0.255.0", "version": 4}]"#;
        agent.on("guest-network-get-route", move |_| Answer::json(json));
        let routes = done(client.network().routes()).unwrap();
        assert_eq!((routes.routes.len(), routes.unrecognized.len()), (0, 1));
    }

    fn file_systems_say_how_much_room_is_left(agent, client) {
        answer_like(&agent, "guest-get-fsinfo");
        let file_systems = done(client.storage().file_systems()).unwrap();
        let space = file_systems[0].space.unwrap();
        assert_eq!(space.free(), 10_200_547_328 - 2_147_483_648);
    }

    fn each_file_system_is_trimmed_on_its_own(agent, client) {
        answer_like(&agent, "guest-fstrim");
        let trimmed = done(client.storage().trim(Some(4096))).unwrap();
        assert_eq!(agent.requests()[0].arguments["minimum"], 4096);
        assert_eq!(trimmed[0].freed, Ok(Some(1 << 30)));
        assert_eq!(trimmed[1].freed.as_ref().unwrap_err().to_string(), "trim not supported");
    }

    fn an_agent_before_qemu_2_4_trims_without_telling(agent, client) {
        agent.on("guest-fstrim", |_| Answer::empty());
        assert_eq!(done(client.storage().trim(None)).unwrap(), []);
    }

    fn an_overview_leaves_out_what_the_agent_cannot_tell(agent, client) {
        agent.add_clock();
        answer_like(&agent, "guest-get-osinfo");
        agent.on("guest-get-users", |_| Answer::error("GenericError", "no utmp"));
        agent.on("guest-get-load", |_| Answer::empty()).disable("guest-get-load");
        let overview = done(client.overview()).unwrap();
        assert_eq!(overview.os.unwrap().id.as_deref(), Some("debian"));
        assert!(overview.clock.unwrap().guest > SystemTime::now() - AMPLE);
        assert_eq!(overview.disabled, ["guest-get-load"]);
        assert_eq!(overview.frozen, Some(false));
        assert!(overview.host_name.is_none() && overview.file_systems.is_none());
        let [Error::Failed { command, .. }] = &overview.failures[..] else { panic!("{:?}", overview.failures) };
        assert_eq!(command, "guest-get-users");
    }

    fn an_overview_tells_how_long_a_linux_guest_has_been_running(agent, client) {
        let files = agent.add_files();
        for (content, uptime) in [
            ("93784.25 180000.01\n", Some(Duration::from_millis(93_784_250))),
            ("soon\n", None),
            ("-1 0\n", None),
            ("inf 0\n", None),
            ("", None),
            (&"1".repeat(1 << 20), None),
        ] {
            files.insert("/proc/uptime", content);
            let overview = done(client.overview()).unwrap();
            assert_eq!(overview.uptime, uptime, "{content:.20}");
            assert!(files.open_handles().is_empty());
        }
        files.remove("/proc/uptime");
        let overview = done(client.overview()).unwrap();
        assert!(overview.uptime.is_none() && overview.failures.is_empty());
    }

    fn an_agent_that_does_not_answer_has_no_overview(agent, client) {
        agent.on("guest-get-osinfo", |_| Answer::silence().then_hang_up());
        let error = done(client.overview()).unwrap_err();
        assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error}");
    }
}

mod of_any_release {
    use super::*;
    use qga_bindings::blocking::{Client, Helpers};

    #[test]
    fn an_overview_can_be_had() {
        for (major, minor) in [(0, 15), (1, 1), (1, 5), (2, 2), (2, 10), (5, 2), (7, 2), (11, 1)] {
            let agent = Agent::of_release(Release::new(major, minor));
            let overview = Client::new(agent.connect()).overview().unwrap();
            assert_eq!(overview.agent_version, format!("{major}.{minor}.0"));
            assert!(overview.failures.is_empty(), "{major}.{minor}: {:?}", overview.failures);
            assert_eq!(overview.host_name.is_some(), (major, minor) >= (2, 10), "{major}.{minor}");
        }
    }
}
