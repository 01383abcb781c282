#!/bin/sh
# Process 1 of a guest of the lab: brings up devices, a shell for tests, and the agent.
export PATH=/sbin:/usr/sbin:/bin:/usr/bin HOME=/root

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
hostname lab
chown -R 1000:1000 /home/alice
ip link set lo up

while read -r module; do insmod "/modules/$module.ko"; done </modules/order

# The value of an argument of the kernel, or else the second word.
argument() {
    for word in $(cat /proc/cmdline); do
        case $word in "$1="*) echo "${word#*=}"; return ;; esac
    done
    echo "$2"
}

# What udev would do: give the ports of virtio-serial their names.
mkdir -p /dev/virtio-ports
link_ports() {
    for port in /sys/class/virtio-ports/*; do
        [ -e "$port/name" ] && ln -sf "../${port##*/}" "/dev/virtio-ports/$(cat "$port/name")"
    done
}
while [ ! -e /dev/virtio-ports/lab.shell ]; do
    link_ports
    usleep 20000
done
# The agent's port has got its name before, but perhaps just after it was looked at.
link_ports

mkdir -p /mnt
[ -b /dev/vda ] && mount -t ext4 -o discard /dev/vda /mnt

# A line in; what it prints, and a line with its exit code, out.
shell() {
    exec 3<>/dev/virtio-ports/lab.shell
    while :; do
        # The end of the file only says that no host is connected.
        while read -r line <&3; do
            eval "$line" </dev/null >&3 2>&1
            echo "--- exit code $?" >&3
        done
        usleep 20000
    done
}
shell &

method=$(argument lab.method virtio-serial)
path=$(argument lab.path /dev/virtio-ports/org.qemu.guest_agent.0)
sleep "$(argument lab.delay 0)"

# While /run/agent.off is there, no agent is started.
while :; do
    if [ ! -e /run/agent.off ]; then
        echo "agent starts at $(cut -d' ' -f1 /proc/uptime)" >/dev/kmsg
        qemu-ga -m "$method" -p "$path" -t /run </dev/null >>/run/agent.log 2>&1
        echo "agent ended with $?" >/dev/kmsg
    fi
    usleep 100000
done
