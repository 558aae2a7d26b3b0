/**
 * How images of payloads are made where neither the payload nor `etc/` of the project has a Dockerfile: the files
 * of the payload in `/lava`, owned by user `lava`, with the Python modules that they ask for (FW-194..200). Workers
 * run it under an id of their own, hence the permissions for everybody.
 */
export const DEFAULT_DOCKERFILE = `ARG BASE_IMG=ghcr.io/jin-gizmo/lava/amzn2023/base
FROM \${BASE_IMG}
SHELL ["/bin/bash", "-euc"]

RUN if command -v groupadd >/dev/null; then \\
      groupadd -g 99999 lava; useradd -u 99999 -g lava -d /lava lava; \\
    elif command -v addgroup >/dev/null; then \\
      addgroup -g 99999 lava; adduser -D -u 99999 -G lava -h /lava lava; \\
    else \\
      echo 'lava:x:99999:' >>/etc/group; echo 'lava:x:99999:99999::/lava:/bin/sh' >>/etc/passwd; \\
    fi

COPY --chown=99999:99999 . /lava/

ARG PIP_INDEX_URL
ENV PIP_INDEX_URL=\${PIP_INDEX_URL} LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

RUN if command -v yum >/dev/null; then yum update -y; yum clean all; rm -rf /var/cache/yum; fi; \\
    if command -v apt-get >/dev/null; then apt-get update; apt-get upgrade -y; apt-get clean; fi; \\
    if command -v apk >/dev/null; then apk update; apk upgrade; fi

RUN cd /lava; \\
    if [ -f requirements.txt ]; then \\
      python3 -m pip --no-cache-dir install --no-warn-script-location --upgrade -r requirements.txt; \\
    fi; \\
    if [ -f requirements-nodeps.txt ]; then \\
      python3 -m pip --no-cache-dir install --no-warn-script-location --upgrade --no-deps -r requirements-nodeps.txt; \\
    fi

USER lava
`;
