# Copies objects of a bucket into a directory with rclone: BUCKET DIR [FLAG]...
# rclone itself takes a copy of nothing for a success.
rclone copy "$@" || exit
if [ -z "$(find "$2" -type f | head -n 1)" ]; then
	echo "error: nothing to download: no object is left by include and exclude. Both are compared with the beginning of the whole key, and case counts" >&2
	exit 4
fi
