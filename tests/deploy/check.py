"""check.py TOOLS: what can be said of deploy/ without a cluster, a container or the service: that schemas take the files,
that what names something elsewhere names something that is there, and that expressions keep to the list of metrics.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import kubernetes_validate
import yaml

import metrics

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
# Groups of kinds that are not Kubernetes' own.
CUSTOM = ("monitoring.coreos.com/", "cert-manager.io/")


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


def rendered(tools, folder):
    command = [tools / "bin/kubectl", "kustomize", folder]
    return documents(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def one(resources, kind, name=None):
    found = [r for r in resources if r["kind"] == kind and name in (None, r["metadata"]["name"])]
    assert len(found) == 1, f"{len(found)} of {kind} {name or ''}"
    return found[0]


def selects(selector, labels):
    return selector.items() <= labels.items()


def schemas_take_the_manifests(tools):
    base, overlay = rendered(tools, KUBERNETES / "base"), rendered(tools, KUBERNETES / "example")
    files = [KUBERNETES / "example/secrets.yaml", KUBERNETES / "example/certificate.yaml"]
    resources = [*base, *overlay, *(d for path in files for d in documents(path.read_text()))]
    custom = [r for r in resources if r["apiVersion"].startswith(CUSTOM)]
    versions = kubernetes_validate.utils.all_versions()
    assert len(versions) == 3, f"schemas of {versions}"
    for resource in resources:
        for version in versions if resource not in custom else ():
            try:
                kubernetes_validate.validate(resource, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                where = ".".join(str(item) for item in error.path)
                raise AssertionError(f"{kubernetes_validate.utils.kn(resource)}, {version}: {where}: {error.message}") from None
    assert {r["kind"] for r in custom} == {"ServiceMonitor", "PrometheusRule", "Certificate"}
    command = ["node", HERE / "custom_resources.mjs", tools / "npm"]
    assert subprocess.run(command, input=json.dumps(custom), text=True).returncode == 0, "see above"
    assert all("namespace" not in r["metadata"] for r in base), "the base is for any namespace"
    assert all(r["metadata"]["namespace"] for r in overlay), "the overlay is for one"
    return f"{len(resources)} resources, Kubernetes {', '.join(versions)}"


def the_manifests_agree(tools):
    base = rendered(tools, KUBERNETES / "base")
    workload = one(base, "StatefulSet")["spec"]
    pod, labels = workload["template"]["spec"], workload["template"]["metadata"]["labels"]
    container = pod["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    env = {variable["name"]: variable["value"] for variable in container["env"]}
    services = [r for r in base if r["kind"] == "Service"]

    assert selects(workload["selector"]["matchLabels"], labels)
    assert workload["serviceName"] in [s["metadata"]["name"] for s in services if s["spec"].get("clusterIP") == "None"]
    for service in services:
        assert selects(service["spec"]["selector"], labels), service["metadata"]["name"]
        for port in service["spec"]["ports"]:
            assert ports[port["targetPort"]] == port["port"], port
    assert selects(one(base, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"], labels)
    policy = one(base, "NetworkPolicy")["spec"]
    assert selects(policy["podSelector"]["matchLabels"], labels)
    assert {port["port"] for rule in policy["ingress"] for port in rule["ports"]} == set(ports)
    assert policy["policyTypes"] == ["Ingress", "Egress"] and not policy.get("egress"), "nothing goes out"
    account = one(base, "ServiceAccount")
    assert pod["serviceAccountName"] == account["metadata"]["name"]
    assert pod["automountServiceAccountToken"] is account["automountServiceAccountToken"] is False

    assert workload["replicas"] == 1, "one process owns a data directory"
    for name, path in (("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
        get = container[name]["httpGet"]
        assert get["path"] == path and ports[get["port"]] == 9464, name
    assert env["DICTUM_LISTEN"].endswith(f":{ports['grpc']}") and env["DICTUM_HTTP"].endswith(f":{ports['http']}")

    monitor = one(rendered(tools, KUBERNETES / "example"), "ServiceMonitor")["spec"]
    matched = [s for s in services if selects(monitor["selector"]["matchLabels"], s["metadata"]["labels"])]
    named = [port["name"] for s in matched for port in s["spec"]["ports"]]
    for endpoint in monitor["endpoints"]:
        assert named.count(endpoint["port"]) == 1, "each target once"
    assert {s["metadata"]["labels"][monitor["jobLabel"]] for s in matched} == {"dictum"}, "the alerts go by this job"
    return "selectors, ports, probes, accounts"


def the_pod_is_restricted(tools):
    """What the Pod Security Standard "restricted" asks for, and a read-only root besides."""
    pod = one(rendered(tools, KUBERNETES / "base"), "StatefulSet")["spec"]["template"]["spec"]
    assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers"} & pod.keys()
    assert all({"configMap", "secret", "emptyDir"} & volume.keys() for volume in pod["volumes"])
    security = pod["securityContext"]
    assert security["runAsNonRoot"] is True and security["seccompProfile"] == {"type": "RuntimeDefault"}
    user, group = re.search(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(), re.M).groups()
    assert (security["runAsUser"], security["runAsGroup"], security["fsGroup"]) == (int(user), int(group), int(group))
    for container in pod["containers"]:
        own = container["securityContext"]
        assert own["allowPrivilegeEscalation"] is False and own["readOnlyRootFilesystem"] is True
        assert own["capabilities"] == {"drop": ["ALL"]} and not own.get("privileged")
        assert not any("hostPort" in port for port in container["ports"])
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys() and "memory" in container["resources"]["limits"]
    return f"user {user}"


def the_configuration_fits_the_pod(tools):
    base = rendered(tools, KUBERNETES / "base")
    text = one(base, "ConfigMap", one_config_map(base))["data"]["dictum.toml"]
    config = tomllib.loads(text)
    pod = one(base, "StatefulSet")["spec"]["template"]["spec"]
    container = pod["containers"][0]
    env = {variable["name"]: variable["value"] for variable in container["env"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
    claims = one(base, "StatefulSet")["spec"]["volumeClaimTemplates"]
    assert {m["name"] for m in mounts.values()} == volumes.keys() | {c["metadata"]["name"] for c in claims}
    assert not any("subPath" in mount for mount in mounts.values()), "a file mounted so never changes"
    assert env["DICTUM_DATA_DIR"] in mounts and claims[0]["spec"]["accessModes"] == ["ReadWriteOnce"]

    examples = documents((KUBERNETES / "example/secrets.yaml").read_text())
    secrets = {secret["metadata"]["name"]: secret["stringData"] for secret in examples}
    for path in (config["tls"]["cert"], config["tls"]["key"], config["auth"]["keys"]):
        folder, _, name = path.rpartition("/")
        assert name in secrets[volumes[mounts[folder]["name"]]["secret"]["secretName"]], path
    folder, _, name = env["DICTUM_CONFIG"].rpartition("/")
    assert volumes[mounts[folder]["name"]]["configMap"]["name"] == one_config_map(base) and name == "dictum.toml"
    certificate = documents((KUBERNETES / "example/certificate.yaml").read_text())[0]["spec"]
    assert certificate["secretName"] == volumes["tls"]["secret"]["secretName"]

    drain = int(re.fullmatch(r"(\d+)s", config["drain_timeout"])[1])
    grace = pod["terminationGracePeriodSeconds"]
    assert grace > 2 * drain + 7, f"a stop may take {2 * drain + 7} s, and is killed after {grace}"
    threads, cpu = config["analysis"]["threads"], container["resources"]["requests"]["cpu"]
    assert threads == int(cpu), f"{threads} threads of analysis, and {cpu} cores"
    return f"drain {drain} s of {grace} s"


def one_config_map(resources):
    return one(resources, "ConfigMap")["metadata"]["name"]


def expressions_keep_to_the_list(_tools):
    known, found, count = metrics.series(), [], 0
    for where, expression in expressions():
        count += 1
        found += [f"{where}: {fault}" for fault in metrics.faults(expression, known)]
    tests = yaml.safe_load((DEPLOY / "prometheus/rules.test.yml").read_text())["tests"]
    for test in tests:
        for series in test["input_series"]:
            found += [f"{test['name']}: {fault}" for fault in metrics.faults(series["series"], known)]
    assert not found, "\n".join(found)
    used = {name for _, expression in expressions() for name in re.findall(r"\b(?:dictum|process)_\w+", expression)}
    shown = {re.sub("_(bucket|sum|count)$", "", name) for name in used}
    unseen = metrics.listed().keys() - shown
    assert not unseen, f"on no dashboard and in no rule: {', '.join(sorted(unseen))}"
    return f"{count} expressions, {len(known)} series"


def expressions():
    """(where, expression) of the rules and of the dashboard."""
    for group in yaml.safe_load((DEPLOY / "prometheus/rules.yml").read_text())["groups"]:
        for rule in group["rules"]:
            yield rule.get("alert") or rule["record"], rule["expr"]
    dashboard = json.loads((DEPLOY / "grafana/dictum.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for annotation in dashboard["annotations"]["list"]:
        if "expr" in annotation:
            yield annotation["name"], annotation["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], re.fullmatch(r"label_values\((.*), \w+\)", variable["query"]["query"])[1]


def rules_are_the_same_everywhere(_tools):
    rules = yaml.safe_load((DEPLOY / "prometheus/rules.yml").read_text())
    copy = documents((KUBERNETES / "monitoring/prometheusrule.yaml").read_text())[0]["spec"]
    assert rules == copy, "prometheusrule.yaml is not what rules.yml says; its head has the commands that make it so"
    tests = yaml.safe_load((DEPLOY / "prometheus/rules.test.yml").read_text())["tests"]
    outcomes = {}
    for case in (case for test in tests for case in test["alert_rule_test"]):
        outcomes.setdefault(case["alertname"], set()).add(bool(case["exp_alerts"]))
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        assert outcomes.get(rule["alert"]) == {True, False}, f"{rule['alert']} is not tested both ways"
        assert rule["annotations"].keys() == {"summary", "description"} and rule["labels"]["severity"] in ("page", "ticket")
    return f"{len(outcomes)} alerts"


def the_dashboard_can_be_imported(tools):
    path = DEPLOY / "grafana/dictum.json"
    assert subprocess.run([tools / "bin/dashboard", path]).returncode == 0, "see above"
    dashboard = json.loads(path.read_text())
    panels, variables = dashboard["panels"], {v["name"] for v in dashboard["templating"]["list"]}
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = set()
    for panel in panels:
        box = panel["gridPos"]
        cells = {(x, y) for x in range(box["x"], box["x"] + box["w"]) for y in range(box["y"], box["y"] + box["h"])}
        assert box["x"] + box["w"] <= 24 and not cells & taken, f"{panel['title']} lies over another panel"
        taken |= cells
        if panel["type"] != "row":
            sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
            assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources), panel["title"]
    assert variables == {"datasource", "job", "instance"}
    return f"{sum(panel['type'] != 'row' for panel in panels)} panels"


def compose_can_be_loaded(tools):
    command = [tools / "bin/compose", "-format", "json", "compose.yaml"]
    loaded = subprocess.run(command, cwd=DEPLOY, check=True, capture_output=True, text=True)
    services = json.loads(loaded.stdout)["services"]
    for name, service in services.items():
        assert all(port["host_ip"] == "127.0.0.1" for port in service["ports"]), f"{name} can be reached from elsewhere"
        for volume in service["volumes"]:
            assert volume["type"] == "volume" or Path(volume["source"]).exists(), volume["source"]
    scraped = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"][0]
    host, port = scraped["static_configs"][0]["targets"][0].split(":")
    environment = services[host]["environment"]
    assert environment["DICTUM_HTTP"].endswith(f":{port}") and scraped["job_name"] == "dictum"
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text())["datasources"][0]
    assert source["url"].split("//")[1].split(":")[0] in services
    provider = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/dictum.yaml").read_text())["providers"][0]
    assert any(v["target"].startswith(provider["options"]["path"]) for v in services["grafana"]["volumes"])
    manifest = one(rendered(tools, KUBERNETES / "base"), "StatefulSet")["spec"]["template"]["spec"]["containers"][0]["image"]
    assert services["dictum"]["image"] == manifest
    return f"{', '.join(services)}"


CHECKS = (
    schemas_take_the_manifests,
    the_manifests_agree,
    the_pod_is_restricted,
    the_configuration_fits_the_pod,
    expressions_keep_to_the_list,
    rules_are_the_same_everywhere,
    the_dashboard_can_be_imported,
    compose_can_be_loaded,
)


def main():
    tools, failed = Path(sys.argv[1]).resolve(), 0
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            print(f"ok: {name}: {check(tools)}", flush=True)
        except (AssertionError, KeyError, subprocess.CalledProcessError) as error:
            failed += 1
            detail = getattr(error, "stderr", None) or f"{type(error).__name__} {error}"
            print(f"FAILED: {name}, line {error.__traceback__.tb_next.tb_lineno}: {detail}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
