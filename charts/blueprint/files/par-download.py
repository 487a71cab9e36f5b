"""Downloads objects through a pre-authenticated request into a directory.

    PAR=https://... par-download.py --to DIR [--include KEY]... [--exclude KEY]...

The URL is a credential: it is read from the environment variable PAR and never
printed. It refers to a bucket (/o/), a directory in a bucket (/o/DIR/) or an
object (/o/KEY). --include and --exclude take keys or key prefixes. Objects are
stored in DIR under their full key.

Complete files are kept and partial files are resumed, so that a restarted
container continues where it stopped. Exit codes: 0 success, 1 other errors,
2 invalid arguments, 3 access denied, 4 nothing to download, 5 persistent server
or network errors, 6 an object cannot be stored.
"""

import argparse
import concurrent.futures
import errno
import hashlib
import http.client
import json
import os
import signal
import ssl
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

PARALLEL = 8  # simultaneous downloads
ATTEMPTS = 6  # consecutive attempts without progress
TIMEOUT = 60  # seconds without a byte
BLOCK = 1 << 20
REPORT = 10  # seconds between progress lines
INVALID_URL = "par must be the URL of a pre-authenticated request: https://HOST/p/TOKEN/n/NAMESPACE/b/BUCKET/o/ or .../o/KEY"
REFUSED = {401, 403, 404}
TRANSIENT = {408, 416, 425, 429, 500, 502, 503, 504}
FULL = {errno.ENOSPC, errno.EDQUOT}
UNWRITABLE = FULL | {errno.EROFS, errno.EACCES, errno.EPERM, errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG}


class Failure(Exception):
    """An error that ends the program. Its text never contains the URL."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def reason(error):
    """Returns the reason of an error. The texts of HTTP exceptions may quote the URL."""
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code}"
    if isinstance(error, http.client.IncompleteRead):
        return "connection closed early"
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, Exception):
        error = error.reason
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


def verdict(what, error):
    """Returns the Failure for a permanent error, or None for an error to retry."""
    if isinstance(error, urllib.error.HTTPError):
        if error.code in REFUSED:
            return Failure(3, f"{what}: access denied (HTTP {error.code}). The pre-authenticated request may have expired or "
                              "been revoked, or may not allow listing objects. Create one that allows reading and listing "
                              "objects, set par in the recipe and deploy again")
        return None if error.code in TRANSIENT else Failure(5, f"{what}: the server returned {reason(error)}")
    if isinstance(error, http.client.InvalidURL):
        return Failure(2, INVALID_URL)
    if isinstance(getattr(error, "reason", None), ssl.SSLCertVerificationError):
        return Failure(5, f"{what}: untrusted server certificate: {error.reason.verify_message}")
    code = getattr(error, "errno", None)
    if code in FULL:
        return Failure(6, f"{what}: {reason(error)}. Increase volume_size_in_gbs or include fewer objects")
    return Failure(6, f"{what}: {reason(error)}") if code in UNWRITABLE else None


def retry(what, attempt, progress=lambda: 0):
    """Calls attempt until it succeeds, fails permanently, or fails too often without progress."""
    failures, best = 0, progress()
    while True:
        try:
            return attempt()
        except (OSError, http.client.HTTPException, ValueError) as error:
            cause = error
        if failure := verdict(what, cause):
            raise failure
        failures = failures + 1 if progress() <= best else 1
        best = max(best, progress())
        if failures == ATTEMPTS:
            raise Failure(5, f"{what}: {reason(cause)}, {ATTEMPTS} times in a row")
        print(f"{what}: {reason(cause)}; retrying", flush=True)
        time.sleep(min(2 ** (failures - 1), 30))


class Source:
    """The objects that a pre-authenticated request gives access to."""

    def __init__(self, url):
        try:
            parts = urllib.parse.urlsplit(url.strip())
        except ValueError:
            raise Failure(2, INVALID_URL) from None
        path = parts.path + "/" if parts.path.endswith("/o") else parts.path
        path, separator, key = path.partition("/o/")
        if parts.scheme != "https" or not parts.netloc or not separator:
            raise Failure(2, INVALID_URL)
        self.key = urllib.parse.unquote(key)
        self.base = urllib.parse.urlunsplit((parts.scheme, parts.netloc, path + separator, "", ""))

    def open(self, suffix, start=0):
        headers = {"Range": f"bytes={start}-"} if start else {}
        return urllib.request.urlopen(urllib.request.Request(self.base + suffix, headers=headers), timeout=TIMEOUT)

    def get(self, name, start=0):
        return self.open(urllib.parse.quote(name), start)

    def objects(self, prefix):
        """Yields the objects whose keys start with the prefix, page by page."""
        if self.key and not self.key.endswith("/"):
            yield retry("the object", self.head)
            return
        start = ""
        while start is not None:
            query = {"prefix": prefix or self.key, "fields": "name,size,etag"} | ({"start": start} if start else {})
            page = retry("listing objects", lambda: self.page(query))
            yield from page["objects"]
            start = page.get("nextStartWith")

    def page(self, query):
        with self.open("?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote)) as answer:
            return json.load(answer)

    def head(self):
        with self.get(self.key) as answer:
            return {"name": self.key, "size": int(answer.headers["Content-Length"]), "etag": answer.headers["ETag"]}


class Download:
    """A download to one directory, with counters for the progress."""

    def __init__(self, source, directory):
        self.source, self.directory = source, os.path.realpath(directory)
        self.lock, self.stop = threading.Lock(), threading.Event()
        self.done = self.present = self.bytes = 0

    def path(self, name):
        """Returns the path of an object, and rejects keys that lead outside the directory."""
        path = os.path.join(self.directory, name)
        inside = os.path.commonpath([self.directory, os.path.realpath(path)]) == self.directory if "\0" not in name else False
        if name.startswith("/") or ".." in name.split("/") or not inside:
            raise Failure(6, f"{name!r}: the key leads outside the directory; exclude it")
        return path

    def fetch(self, name, size, etag=None):
        """Stores one object, unless it is complete."""
        if self.stop.is_set():
            return
        path = self.path(name)
        if name.endswith("/"):
            retry(repr(name), lambda: os.makedirs(path, exist_ok=True))
        elif os.path.isfile(path) and os.path.getsize(path) == size:
            self.count(present=1)
        else:
            # The name includes the version, so that a partial file is never resumed with another version.
            part = path + (f".{hashlib.sha256(etag.encode()).hexdigest()[:8]}.part" if etag else ".part")
            retry(repr(name), lambda: self.append(name, size, part), lambda: length(part))
            retry(repr(name), lambda: os.replace(part, path))
            self.count(done=1)

    def append(self, name, size, part):
        """Appends the missing bytes to a partial file."""
        os.makedirs(os.path.dirname(part), exist_ok=True)
        if length(part) > size:
            os.remove(part)
        with open(part, "ab") as file:
            start = file.tell()
            if start < size:
                with self.source.get(name, start) as answer:
                    if start and answer.status != 206:
                        file.truncate(0)
                    while block := answer.read1(BLOCK):
                        file.write(block)
                        self.count(bytes=len(block))
        if length(part) != size:
            raise http.client.IncompleteRead(b"")

    def count(self, **counts):
        with self.lock:
            for name, number in counts.items():
                setattr(self, name, getattr(self, name) + number)

    def run(self, objects):
        """Downloads objects in parallel until the first failure."""
        pool = concurrent.futures.ThreadPoolExecutor(PARALLEL)
        waiting = {pool.submit(self.fetch, **entry) for entry in objects}
        try:
            while waiting:
                finished, waiting = concurrent.futures.wait(waiting, REPORT, concurrent.futures.FIRST_EXCEPTION)
                for future in finished:
                    future.result()
                if waiting:
                    print(f"{self.done + self.present} of {plural(len(objects))}, {megabytes(self.bytes)} downloaded", flush=True)
        finally:
            self.stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


def length(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def plural(number):
    return f"{number} object" if number == 1 else f"{number} objects"


def megabytes(number):
    return f"{number / 1e6:,.1f} MB"


def select(source, include, exclude):
    """Returns the objects to download, without duplicates."""
    found = {}
    for prefix in include or [""]:
        for entry in source.objects(prefix):
            name = entry["name"]
            if name.startswith(prefix) and not any(name.startswith(key) for key in exclude):
                found[name] = {"name": name, "size": entry["size"], "etag": entry.get("etag")}
    if not found:
        raise Failure(4, "nothing to download: no object matches include and exclude, which are case-sensitive "
                         "prefixes of the full key")
    return list(found.values())


def main():
    parser = argparse.ArgumentParser(description="Downloads objects through the pre-authenticated request in $PAR.")
    parser.add_argument("--to", required=True, metavar="DIR")
    parser.add_argument("--include", action="append", default=[], metavar="KEY")
    parser.add_argument("--exclude", action="append", default=[], metavar="KEY")
    arguments = parser.parse_args()
    source = Source(os.environ.pop("PAR", ""))
    objects = select(source, arguments.include, arguments.exclude)
    print(f"{plural(len(objects))}, {megabytes(sum(entry['size'] for entry in objects))}", flush=True)
    download = Download(source, arguments.to)
    download.run(objects)
    print(f"done: {plural(download.done)} downloaded ({megabytes(download.bytes)}), {download.present} already present", flush=True)


def run():
    """Runs main and returns the exit code."""
    try:
        main()
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr, flush=True)
        return failure.code
    except Exception as error:  # its text and traceback may quote the URL
        print(f"error: {reason(error)}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))  # process 1 of a container has no default action for signals
    os._exit(run())  # does not wait for other downloads
