"""Servers on loopback, each in a folder of its own, with what they need of memory. Used by the
scripts beside it."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request


def release_binary():
    """The program that is measured: named on the command line, or built."""
    if len(sys.argv) > 1:
        return os.path.abspath(sys.argv[1])
    subprocess.run(["cargo", "build", "--release", "--quiet"], check=True)
    target = os.environ.get("CARGO_TARGET_DIR", "target")
    return os.path.abspath(os.path.join(target, "release", "codeartifact"))


def peers():
    """The folder into which tests/bench/peers has installed the other servers."""
    return os.environ.get("CODEARTIFACT_BENCH_PEERS") or os.path.expanduser("~/.cache/codeartifact/peers")


def program(name, *places):
    """Where a program is, or nothing."""
    found = [place for place in places if os.access(place, os.X_OK)]
    return found[0] if found else shutil.which(name)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def send(method, url, body=None, headers=None):
    request = urllib.request.Request(url, body, headers or {}, method=method)
    with urllib.request.urlopen(request, timeout=300) as response:
        return response.read()


class Server:
    """A running server and its children."""

    def __init__(self, command, environment, ready=None, **more):
        self.process = subprocess.Popen(command, env=environment, start_new_session=True, **more)
        for _ in range(600):
            if ready is None or self.answers(ready):
                return
            time.sleep(0.05)
        sys.exit(f"{command[0]} does not answer")

    def answers(self, url):
        try:
            send("GET", url)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def pids(self):
        waiting, found = [self.process.pid], []
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{pid}/children") as file:
                waiting += [int(child) for child in file.read().split()]
        return found

    def memory(self):
        """Resident memory in MiB: now, and at its peak. Pages that are shared count for each."""
        now = peak = 0
        for pid in self.pids():
            with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as file:
                lines = dict(line.split(":", 1) for line in file if ":" in line)
                now += int(lines.get("VmRSS", "0").split()[0])
                peak += int(lines.get("VmHWM", "0").split()[0])
        return now / 1024, peak / 1024

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Ours(Server):
    """The local service with one domain and one repository."""

    def __init__(self, binary, folder, external=None):
        self.binary = binary
        data = folder + "/data"
        self.environment = {"PATH": os.environ["PATH"], "HOME": folder, "AWS_PAGER": "",
                            "AWS_EC2_METADATA_DISABLED": "true"}
        arguments = [binary, "local", "serve", "--listen", "127.0.0.1:0", "--data-dir", data]
        for name, url in (external or {}).items():
            arguments += ["--external", f"{name}={url}"]
        super().__init__(arguments, self.environment, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        exports = subprocess.check_output(
            [binary, "local", "env", "--data-dir", data], env=self.environment, text=True)
        for line in exports.splitlines():
            name, value = line.removeprefix("export ").split("=", 1)
            self.environment[name] = value.strip("'")
        self.call("create-domain", "--domain", "my-domain")
        self.call("create-repository", "--domain", "my-domain", "--repository", "my-repo")
        for name in external or {}:
            self.call("associate-external-connection", "--domain", "my-domain",
                      "--repository", "my-repo", "--external-connection", name)
        self.token = json.loads(self.call("get-authorization-token", "--domain", "my-domain"))["authorizationToken"]
        self.bearer = {"authorization": f"Bearer {self.token}"}

    def call(self, *arguments):
        return subprocess.check_output([self.binary, *arguments], env=self.environment)

    def endpoint(self, package_format):
        return f"{self.url}/d/my-domain-111122223333/{package_format}/my-repo/"


class Verdaccio(Server):
    """verdaccio, with anybody allowed to publish."""

    def __init__(self, folder, public=None):
        home = peers() + "/verdaccio"
        os.makedirs(folder, exist_ok=True)
        access = "{access: $all, publish: $all, unpublish: $all" + (", proxy: public}" if public else "}")
        with open(folder + "/config.yaml", "w") as file:
            file.write(f"storage: {folder}/storage\nmax_body_size: 200mb\nlog: {{type: stdout, level: error}}\n"
                       f"packages: {{'@*/*': {access}, '**': {access}}}\n"
                       + (f"uplinks: {{public: {{url: '{public}'}}}}\n" if public else ""))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        super().__init__(
            ["node", home + "/node_modules/verdaccio/bin/verdaccio", "-c", folder + "/config.yaml", "-l", f"127.0.0.1:{port}"],
            {"PATH": os.environ["PATH"], "HOME": folder}, self.url + "-/ping", stdout=subprocess.DEVNULL)

    @staticmethod
    def is_installed():
        return os.path.exists(peers() + "/verdaccio/node_modules/verdaccio/bin/verdaccio")


class Pypiserver(Server):
    """pypiserver on a folder of wheels."""

    def __init__(self, wheels):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/simple/"
        super().__init__(
            [peers() + "/pypi/bin/pypi-server", "run", "-p", str(port), "-i", "127.0.0.1", "-a", ".", "-P", ".", "--disable-fallback", "--server", "gunicorn", wheels],
            {"PATH": os.environ["PATH"], "HOME": wheels}, self.url, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @staticmethod
    def is_installed():
        return os.path.exists(peers() + "/pypi/bin/pypi-server")


class Nginx(Server):
    """nginx with Debian's settings for files: one worker a core, sendfile."""

    def __init__(self, folder, root):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        for name in ["body", "proxy", "fastcgi", "uwsgi", "scgi"]:
            os.makedirs(f"{folder}/{name}", exist_ok=True)
        temporary = "".join(
            f"{name}_temp_path {folder}/{part};" for name, part in
            [("client_body", "body"), ("proxy", "proxy"), ("fastcgi", "fastcgi"), ("uwsgi", "uwsgi"), ("scgi", "scgi")])
        user = "user root;" if os.getuid() == 0 else ""
        with open(folder + "/nginx.conf", "w") as file:
            file.write(
                f"{user} daemon off; worker_processes auto; pid {folder}/pid; error_log {folder}/errors;"
                f"events {{ worker_connections 768; }} http {{ {temporary} access_log off; sendfile on; tcp_nopush on;"
                f"types {{ application/json json; }} default_type application/octet-stream;"
                f"server {{ listen 127.0.0.1:{port}; root {root}; location / {{ try_files $uri $uri.json =404; }} }} }}")
        super().__init__([program("nginx", "/usr/sbin/nginx"), "-c", folder + "/nginx.conf", "-e", folder + "/errors"],
                         {"PATH": os.environ["PATH"]}, self.url)

    @staticmethod
    def is_installed():
        return program("nginx", "/usr/sbin/nginx") is not None


def print_memory(servers):
    print(f"\n{'resident memory':24} {'now':>10} {'peak':>10}")
    for name, server in servers.items():
        now, peak = server.memory()
        print(f"{name:24} {now:6.1f} MiB {peak:6.1f} MiB")
