# Second half of the guest's start: mounts, modules, then the command, whose status goes to the job folder.
# Programs are called through busybox or by path: its shell prefers its own applets to programs in PATH.
b=/run/vm/busybox
job=/run/vm/job
share=trans=virtio,version=9p2000.L,msize=262144
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

$b mkdir -p /dev/pts /dev/shm
$b mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
$b mount -t tmpfs -o mode=1777 tmpfs /dev/shm
# Opening it loads the module; without udev nobody makes the node.
$b mkdir -p /dev/net
[ -e /dev/net/tun ] || $b mknod -m 666 /dev/net/tun c 10 200
[ -e /dev/fd ] || $b ln -s /proc/self/fd /dev/fd
$b ln -sf fd/0 /dev/stdin
$b ln -sf fd/1 /dev/stdout
$b ln -sf fd/2 /dev/stderr
$b mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null
$b mount -t bpf bpf /sys/fs/bpf 2>/dev/null
$b mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null

. $job/settings # now release modules iproute2 load
$b date -s "@$now" >/dev/null
$b hostname vm
[ -d /lib/modules ] || $b mkdir -p /lib/modules
$b mount -t tmpfs tmpfs /lib/modules
$b ln -s "$modules" "/lib/modules/$release"
# iproute2 as new as the kernel, and its names instead of the host's.
$b mkdir -p /opt/iproute2
$b mount --bind "$iproute2" /opt/iproute2
for dir in /etc/iproute2 /usr/share/iproute2; do
  $b mkdir -p $dir
  $b mount --bind "/opt/iproute2/names$dir" $dir
done
$b ip link set lo up
n=0
while read -r dir; do
  [ -d "$dir" ] || $b mkdir -p "$dir"
  $b mount -t 9p -o "rw,$share,cache=mmap" "rw$n" "$dir"
  n=$((n + 1))
done <$job/writable
[ -z "$load" ] || /sbin/modprobe -a $load 2>$job/modprobe

for port in /sys/class/virtio-ports/*; do
  read -r name <"$port/name"
  case $name in out) out=/dev/${port##*/} ;; err) err=/dev/${port##*/} ;; esac
done
# Pipes towards the command, as it would have in a shell, not character devices.
$b mkfifo /run/vm/out /run/vm/err
$b cat /run/vm/out >$out &
drain_out=$!
$b cat /run/vm/err >$err &
drain_err=$!
$b setsid /bin/sh $job/command </dev/null >/run/vm/out 2>/run/vm/err &
wait $!
status=$?
# What the command has left running may hold the pipes: two seconds, then the output is cut.
($b sleep 2 && $b kill $drain_out $drain_err 2>/dev/null) &
wait $drain_out
wait $drain_err
echo $status >$job/status
$b umount $job
while read -r _ dir type _; do [ "$type" != 9p ] || $b umount "$dir" 2>/dev/null; done </proc/mounts
echo o >/proc/sysrq-trigger
while :; do $b sleep 1; done
