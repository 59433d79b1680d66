"""live.py TOOLS BINARY: runs the service with the cluster's configuration, as the StatefulSet starts it but for addresses and
files, lets a real Prometheus scrape it with the rules, and asks that for everything that the dashboard shows.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import yaml

import check
import metrics

DOCUMENT = json.dumps({"id": "a1", "text": "“We will wait,” Ada Quinn said.", "published_at": "2025-01-02"})
# Made by Prometheus with each scrape.
OF_THE_SCRAPE = ("up", "scrape_")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def until(what, test, seconds=60, instead=lambda: "", process=None):
    end = time.monotonic() + seconds
    while not (value := test()):
        assert process is None or process.poll() is None, f"ended while waiting: {what}"
        assert time.monotonic() < end, f"not within {seconds} s: {what} {instead()}"
        time.sleep(0.1)
    return value


class Service:
    """The service under the configuration of deploy/kubernetes, with files of its own."""

    def __init__(self, tools, binary, folder):
        self.binary, self.folder, self.http = binary, folder, f"127.0.0.1:{free_port()}"
        base = check.rendered(tools, check.KUBERNETES / "base")
        container = check.one(base, "StatefulSet")["spec"]["template"]["spec"]["containers"][0]
        self.environment = dict(os.environ) | {v["name"]: v["value"] for v in container["env"]} | {
            "DICTUM_CONFIG": str(folder / "dictum.toml"),
            "DICTUM_DATA_DIR": str(folder / "data"),
            "DICTUM_LISTEN": "127.0.0.1:0",
            "DICTUM_HTTP": self.http,
        }
        self.arguments = container["args"]
        (folder / "dictum.toml").write_text(check.one(base, "ConfigMap")["data"]["dictum.toml"].replace("/etc/dictum", str(folder)))
        self.certificate()
        (folder / "auth").mkdir()
        made = self.command("keys", "new", "test", "--scope", "read,write", "--file", folder / "auth/keys.toml")
        self.key = made.strip()

    def certificate(self):
        """Its own root, for localhost."""
        (self.folder / "tls").mkdir()
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "90"]
        command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        # An authority is no service: clients refuse a certificate that is both.
        command += ["-addext", "basicConstraints=critical,CA:FALSE"]
        command += ["-keyout", self.folder / "tls/tls.key", "-out", self.folder / "tls/tls.crt"]
        subprocess.run(command, check=True, capture_output=True)

    def command(self, *arguments, text=None, environment=None):
        done = subprocess.run([self.binary, *arguments], input=text, text=True, capture_output=True, env=environment)
        assert done.returncode == 0, f"dictum {' '.join(map(str, arguments))}: {done.returncode}, {done.stderr}"
        return done.stdout

    def start(self):
        self.command(*self.arguments, "--check-config", environment=self.environment)
        self.log = open(self.folder / "log", "w")
        command = [self.binary, *self.arguments, "--address-file", self.folder / "address"]
        self.process = subprocess.Popen(command, env=self.environment, stderr=self.log, stdout=self.log)
        for path in ("/livez", "/readyz"):
            until(path, lambda: get(f"http://{self.http}{path}")[0] == 200, process=self.process)
        port = (self.folder / "address").read_text().strip().rpartition(":")[2]
        self.command("probe", "--http", self.http)
        client = dict(os.environ) | {
            "DICTUM_SERVER": f"https://localhost:{port}",
            "DICTUM_CA": str(self.folder / "tls/tls.crt"),
            "DICTUM_TOKEN": self.key,
        }
        self.command("probe", environment=client)
        self.command("ingest", "-", text=DOCUMENT, environment=client)
        self.command("quotes", "--speaker", "Ada Quinn", environment=client)

    def stop(self):
        self.process.terminate()
        assert self.process.wait(40) == 0, "the grace period of the StatefulSet"


class Prometheus:
    """Prometheus with the configuration of compose.yaml, only faster."""

    def __init__(self, tools, folder, target):
        folder.mkdir()
        self.url = f"127.0.0.1:{free_port()}"
        config = yaml.safe_load((metrics.DEPLOY / "prometheus/prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        config["scrape_configs"][0]["static_configs"][0]["targets"] = [target]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        (folder / "rules.yml").write_text((metrics.DEPLOY / "prometheus/rules.yml").read_text())
        command = [tools / "bin/prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
        self.log = open(folder / "log", "w")
        self.process = subprocess.Popen([*command, f"--web.listen-address={self.url}"], stderr=self.log, stdout=self.log)
        until("Prometheus", lambda: get(f"http://{self.url}/-/ready")[0] == 200, process=self.process)

    def ask(self, path, **query):
        status, body = get(f"http://{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}")
        answer = json.loads(body) if status in (200, 400, 422) else {"status": status, "error": body}
        assert answer["status"] == "success" and not answer.get("warnings"), f"{query}: {body}"
        return answer["data"]

    def has_scraped(self):
        """Waits for the first scrape; where it fails, Prometheus says why."""
        target = until("a scrape", lambda: [
            t for t in self.ask("targets")["activeTargets"] if t["health"] != "unknown"
        ])[0]
        assert target["health"] == "up", f"Prometheus cannot scrape it: {target['lastError']}"


def the_service_exports_what_is_listed(prometheus):
    known, listed = metrics.series(), metrics.listed()
    prometheus.has_scraped()
    found = [r["metric"] for r in prometheus.ask("query", query='{job="dictum"}')["result"]]
    found = [m for m in found if not m["__name__"].startswith((*OF_THE_SCRAPE, "ALERTS"))]
    for metric in found:
        name = metric["__name__"]
        assert name in known, f"{name} is not in deploy/metrics.txt"
        assert metric.keys() - {"__name__"} == known[name], f"{name} has the labels {sorted(metric)}"
    names = {metric["__name__"] for metric in found}
    # A histogram has no series of its own name.
    sample = {name: f"{name}_count" if kind == "histogram" else name for name, (kind, _) in listed.items()}
    missing = [name for name, (_, labels) in listed.items() if not labels and sample[name] not in names]
    missing += [n for n in ("dictum_build_info", "dictum_request_duration_seconds_bucket") if n not in names]
    assert not missing, f"not exported: {', '.join(missing)}"
    for told in prometheus.ask("targets/metadata", match_target='{job="dictum"}'):
        kind, _ = listed.get(told["metric"]) or listed[f"{told['metric']}_total"]
        assert told["type"] == kind, f"{told['metric']} is a {told['type']}, not a {kind}"
    return f"{len(names)} names in {len(found)} series"


def prometheus_evaluates_everything(prometheus):
    asked = 0
    for where, expression in check.expressions():
        for variable, value in metrics.VARIABLES.items():
            expression = expression.replace(variable, value)
        prometheus.ask("query", query=expression)
        asked += 1
    # What was evaluated before the first scrape may be pending still.
    until("rules that are evaluated, and quiet", lambda: not loud(prometheus), 20, lambda: loud(prometheus))
    rules = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
    return f"{asked} expressions, {len(rules)} rules"


def loud(prometheus):
    """Rules that fail, or alerts that are pending or fire, although all is well."""
    rules = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
    return [f"{r['name']} {r['health']} {r['state']}" for r in rules if (r["health"], r["state"]) != ("ok", "inactive")]


def main():
    tools, binary = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        started = []
        try:
            service = Service(tools, binary, Path(folder))
            started.append(service)
            service.start()
            prometheus = Prometheus(tools, Path(folder) / "prometheus", service.http)
            started.append(prometheus)
            for test in (the_service_exports_what_is_listed, prometheus_evaluates_everything):
                print(f"ok: {test.__name__.replace('_', ' ')}: {test(prometheus)}", flush=True)
            service.stop()
            print("ok: it stops within the grace period", flush=True)
        except AssertionError as error:
            print(f"FAILED: {error}", flush=True)
            for log in sorted(Path(folder).glob("log")):
                print(f"{log.relative_to(folder)} ends with:", *log.read_text().splitlines()[-20:], sep="\n  ", flush=True)
            return 1
        finally:
            for each in started:
                if hasattr(each, "process") and each.process.poll() is None:
                    each.process.kill()
                    each.process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
