#!/bin/busybox sh
# First process of the guest: the host's root, read-only, with a memory filesystem above it, becomes the root.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
while read -r module; do $b insmod "/mods/$module"; done </mods/order

share=trans=virtio,version=9p2000.L,msize=262144
$b mount -t 9p -o "ro,$share,cache=loose" host /lower || $b poweroff -f
$b mount -t tmpfs -o mode=755,size=90% tmpfs /upper && $b mkdir /upper/files /upper/work
new=/newroot
$b mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work overlay $new || $b poweroff -f
for dir in proc sys dev run; do [ -d $new/$dir ] || $b mkdir $new/$dir; done
for dir in proc sys dev; do $b mount --move /$dir $new/$dir; done
# Sockets and locks of the host's services mean nothing here.
$b mount -t tmpfs -o mode=755 tmpfs $new/run
$b mkdir -p $new/run/vm/job $new/run/lock
$b cp $b /main.sh $new/run/vm/
$b mount -t 9p -o "rw,$share" job $new/run/vm/job || $b poweroff -f
exec $b switch_root $new /run/vm/busybox sh /run/vm/main.sh
