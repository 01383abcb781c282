//! What the made-up guest says of itself.

use serde_json::{Value, json};

/// The commands that are always answered alike, and their answers.
pub(super) fn answers() -> Answers {
    [system(), disks(), network(), counters()].concat()
}

type Answers = Vec<(&'static str, Value)>;

fn system() -> Answers {
    vec![
        ("guest-get-host-name", json!({"host-name": "demo"})),
        ("guest-get-timezone", json!({"zone": "CET", "offset": 3600})),
        ("guest-get-time", json!(1_764_082_318_000_000_000_i64)),
        (
            "guest-get-osinfo",
            json!({
                "kernel-release": "6.12.57+deb13-amd64", "kernel-version": "#1 SMP PREEMPT_DYNAMIC", "machine": "x86_64",
                "id": "debian", "name": "Debian GNU/Linux", "pretty-name": "Debian GNU/Linux 13 (trixie)",
                "version": "13 (trixie)", "version-id": "13",
            }),
        ),
        (
            "guest-get-users",
            json!([
                {"user": "root", "login-time": 1_764_079_200.25},
                {"user": "alice", "domain": "EXAMPLE", "login-time": 1_764_080_000.0},
            ]),
        ),
        (
            "guest-ssh-get-authorized-keys",
            json!({"keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE alice@host"]}),
        ),
        (
            "guest-get-vcpus",
            json!([
                {"logical-id": 0, "online": true, "can-offline": false},
                {"logical-id": 1, "online": true, "can-offline": true},
                {"logical-id": 2, "online": false, "can-offline": true},
            ]),
        ),
        ("guest-get-memory-block-info", json!({"size": 134_217_728})),
        (
            "guest-get-memory-blocks",
            (0..8)
                .map(|n| json!({"phys-index": n, "online": n < 6, "can-offline": n > 0}))
                .collect(),
        ),
        ("guest-get-load", json!({"load1m": 0.42, "load5m": 0.31, "load15m": 0.2})),
    ]
}

fn disks() -> Answers {
    let address = |unit: i64, dev: &str| {
        json!({
            "pci-controller": {"domain": 0, "bus": 0, "slot": 4, "function": 0}, "bus-type": "virtio", "bus": 0, "target": 0,
            "unit": unit, "dev": dev, "serial": format!("demo-{unit}"),
        })
    };
    vec![
        (
            "guest-get-fsinfo",
            json!([
                {
                    "name": "vda1", "mountpoint": "/", "type": "ext4", "used-bytes": 3_221_225_472_u64,
                    "total-bytes": 21_474_836_480_u64, "total-bytes-privileged": 22_548_578_304_u64,
                    "disk": [address(0, "/dev/vda1")],
                },
                {
                    "name": "vdb", "mountpoint": "/var/lib/data", "type": "xfs", "used-bytes": 104_152_956_928_u64,
                    "total-bytes": 107_374_182_400_u64, "disk": [address(1, "/dev/vdb")],
                },
            ]),
        ),
        (
            "guest-get-disks",
            json!([
                {"name": "/dev/vda", "partition": false, "address": address(0, "/dev/vda")},
                {"name": "/dev/vda1", "partition": true, "dependencies": ["/dev/vda"]},
                {"name": "/dev/vdb", "partition": false, "address": address(1, "/dev/vdb"), "alias": "data"},
            ]),
        ),
    ]
}

fn network() -> Answers {
    vec![
        (
            "guest-network-get-interfaces",
            json!([
                {
                    "name": "lo", "hardware-address": "00:00:00:00:00:00",
                    "ip-addresses": [
                        {"ip-address": "127.0.0.1", "ip-address-type": "ipv4", "prefix": 8},
                        {"ip-address": "::1", "ip-address-type": "ipv6", "prefix": 128},
                    ],
                },
                {
                    "name": "eth0", "hardware-address": "52:54:00:12:34:56",
                    "ip-addresses": [
                        {"ip-address": "192.0.2.10", "ip-address-type": "ipv4", "prefix": 24},
                        {"ip-address": "2001:db8::10", "ip-address-type": "ipv6", "prefix": 64},
                    ],
                    "statistics": {
                        "rx-bytes": 734_003_200, "rx-packets": 512_000, "rx-errs": 0, "rx-dropped": 3,
                        "tx-bytes": 52_428_800, "tx-packets": 128_000, "tx-errs": 1, "tx-dropped": 0,
                    },
                },
            ]),
        ),
        (
            "guest-network-get-route",
            json!([
                {
                    "iface": "eth0", "destination": "0.0.0.0", "mask": "0.0.0.0", "gateway": "192.0.2.1", "metric": 100,
                    "version": 4,
                },
                {"iface": "eth0", "destination": "2001:db8::", "desprefixlen": "64", "metric": 256, "version": 6},
            ]),
        ),
    ]
}

fn counters() -> Answers {
    vec![
        (
            "guest-get-cpustats",
            (0..2)
                .map(|cpu| {
                    json!({"type": "linux", "cpu": cpu, "user": 41_200, "nice": 0, "system": 9_800, "idle": 949_000})
                })
                .collect(),
        ),
        (
            "guest-get-diskstats",
            json!([
                {
                    "name": "vda", "major": 254, "minor": 0,
                    "stats": {"read-sectors": 409_600, "read-ios": 9_000, "write-sectors": 819_200, "write-ios": 21_000},
                },
            ]),
        ),
    ]
}
