# Copies between a bucket and a directory with rclone: FROM TO [FLAG]...
# Exit codes are rclone's, and 4 for nothing to download.

trap 'kill "$pid"' TERM # process 1 of a container has no default for it
rclone copy "$@" &
pid=$!
wait "$pid"
code=$?

case $code in
0) ;;
3) echo "error: there is no such bucket for this access key. Check bucket_name, cluster.objectStorage.endpoint and the keys in the Secret" >&2 ;;
*) echo "error: rclone did not copy everything, and its last message says why. Where access is denied, check the keys in the Secret; where nobody answers, cluster.objectStorage.endpoint" >&2 ;;
esac
if [ $code = 0 ] && [ -d "$2" ] && [ -z "$(find "$2" -type f 2>/dev/null | head -n 1)" ]; then
	echo "error: nothing to download: no object is left by include and exclude. Both are compared with the beginning of the whole key, and case counts" >&2
	code=4
fi
exit $code
