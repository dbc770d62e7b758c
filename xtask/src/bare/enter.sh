# Enters a root directory: enter.sh ROOT TOOLCHAIN REGISTRY COMMAND… Run in namespaces of mounts and processes of its
# own: everything that is mounted or started here goes with the last process.
set -eu
root=$1 toolchain=$2 registry=$3
shift 3

mount --make-rprivate /
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 devices "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs -o mode=1777 memory "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 terminals "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"

share() {
    mkdir -p "$2"
    mount --bind "$1" "$2"
    mount -o remount,bind,ro "$2"
}
share "$toolchain" "$root/opt/rust"
share "$registry" "$root/opt/cargo/registry"

exec chroot "$root" "$@"
