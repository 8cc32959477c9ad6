#!/usr/bin/env python3
"""Shows that the audit of packages works, whether or not the package sources here know of any vulnerability: a source on
loopback calls one of our packages vulnerable, of the least severity and only reached through another, and the restore must
fail for it; where the source finds nothing, the restore must pass."""
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROJECT = os.path.join(ROOT, "src", "Kadath.Stores.Sqlite")
PACKAGE = "sqlitepclraw.core"
ANSWERS = {}


class Source(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(ANSWERS.get(self.path, {})).encode()
        self.send_response(200 if self.path in ANSWERS else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def restore(base, folder, findings):
    """Restores with a fresh cache of answers; returns the exit code and what was printed."""
    os.makedirs(folder)
    ANSWERS.clear()
    ANSWERS["/v3/index.json"] = {"version": "3.0.0", "resources": [{"@id": base + "/vulnerabilities", "@type": "VulnerabilityInfo/6.7.0"}]}
    ANSWERS["/vulnerabilities"] = [{"@name": "base", "@id": base + "/base.json", "@updated": "2026-01-01T00:00:00Z", "comment": "for a test"}]
    ANSWERS["/base.json"] = findings
    config = os.path.join(folder, "nuget.config")
    os.makedirs(os.path.join(folder, "empty"))
    with open(config, "w", encoding="utf-8") as file:
        # Packages come from the folder of those that were restored before; there is nothing to ask a source for.
        file.write(f"""<configuration>
  <packageSources><clear /><add key="empty" value="{folder}/empty" /></packageSources>
  <auditSources><clear /><add key="audit" value="{base}/v3/index.json" allowInsecureConnections="true" /></auditSources>
</configuration>""")
    dotnet = os.environ.get("KADATH_DOTNET", "dotnet")
    command = [dotnet, "restore", PROJECT, "--configfile", config, f"-p:ArtifactsPath={folder}/artifacts", "-nologo", "-nodeReuse:false", "-tl:off"]
    # Wherever a configuration of the machine puts packages: the one here says nothing of it.
    told = subprocess.run([dotnet, "nuget", "locals", "global-packages", "--list"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    packages = told.stdout.strip().split(": ", 1)[-1]
    environment = dict(os.environ, NUGET_HTTP_CACHE_PATH=os.path.join(folder, "http"), NUGET_PACKAGES=packages)
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Source)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    finding = {PACKAGE: [{"url": "https://example.org/advisory", "severity": 0, "versions": "(, 999.0.0)"}]}
    with tempfile.TemporaryDirectory(prefix="kadath-audit-") as folder:
        code, output = restore(base, os.path.join(folder, "found"), finding)
        if code == 0 or "error NU1901" not in output or PACKAGE not in output.lower():
            sys.exit(f"a vulnerable package did not fail the restore (exit code {code}):\n{output}")
        code, output = restore(base, os.path.join(folder, "clean"), {})
        if code != 0:
            sys.exit(f"without a finding the restore failed too (exit code {code}):\n{output}")
    print("a vulnerable package fails the restore, and nothing else does")


if __name__ == "__main__":
    main()
