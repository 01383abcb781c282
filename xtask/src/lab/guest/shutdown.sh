#!/bin/sh
# What the agent runs to shut down: `shutdown -h -P|-H|-r +0 MESSAGE`.
case " $* " in
*" -r "*) how=reboot ;;
*" -H "*) how=halt ;;
*) how=poweroff ;;
esac
# Later, so that the agent can first do what it does after this.
(usleep 300000; sync; $how -f) </dev/null >/dev/null 2>&1 &
