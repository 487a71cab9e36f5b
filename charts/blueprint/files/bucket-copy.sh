# usage: bucket-copy.sh FROM TO [FLAG]...
# Copies between a bucket and a directory with rclone. Exits with the code of rclone,
# or with 4 if there is nothing to download.

trap 'kill "$pid"' TERM # process 1 of a container has no default action for signals
rclone copy "$@" &
pid=$!
wait "$pid"
code=$?

case $code in
0) ;;
3) echo "error: bucket not found with this access key; check bucket_name, cluster.objectStorage.endpoint and the access key in the Secret" >&2 ;;
*) echo "error: rclone failed; its last message gives the reason. If access is denied, check the access key in the Secret; if the service is unreachable, check cluster.objectStorage.endpoint" >&2 ;;
esac
if [ $code = 0 ] && [ -d "$2" ] && [ -z "$(find "$2" -type f 2>/dev/null | head -n 1)" ]; then
	echo "error: nothing to download: no object matches include and exclude, which are case-sensitive prefixes of the full key" >&2
	code=4
fi
exit $code
