#!/bin/sh
# What the agent runs to set passwords: `chpasswd [-e]`, lines of `USER:PASSWORD`; with -e passwords are encrypted already.
while IFS=: read -r user password; do
    if ! grep -q "^$user:" /etc/shadow; then
        echo "there is no user $user" >&2
        exit 1
    fi
    [ "$1" = -e ] || password=$(mkpasswd -m sha512 "$password")
    awk -F: -v OFS=: -v user="$user" -v password="$password" \
        '$1 == user { $2 = password } { print }' /etc/shadow >/etc/shadow.new
    cat /etc/shadow.new >/etc/shadow
done
