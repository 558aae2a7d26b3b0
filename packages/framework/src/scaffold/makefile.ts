/** Root `Makefile` of a project: the targets of the original, done by the lava command. */
export const MAKEFILE = `# make dist env=dev and its like: the lava command does the work. LAVA="pnpm lava" where it is a dependency.
LAVA ?= lava
flags = --env $(env) $(if $(only),--only '$(only)')
tracking = $(if $(filter no,$(xattr)),--no-tracking)

.PHONY: help dist plan diff pre-install install _install uninstall clean check init black update
help:
	@echo "make dist|plan|diff|install|uninstall env=ENV [only=GLOB] [xattr=no], make clean [env=ENV], make check"

ifndef env
dist plan diff pre-install install _install uninstall:
	$(error env must be defined. Try make $(MAKECMDGOALS) env=...)
else
dist:
	$(LAVA) build --verbose $(flags) $(tracking)
plan pre-install:
	$(LAVA) plan $(flags) $(tracking)
diff:
	$(LAVA) diff $(flags) --exit-zero
install: check _install
_install:
	$(LAVA) deploy $(flags) $(tracking)
uninstall:
	$(LAVA) uninstall $(flags) --yes
endif

clean:
	$(LAVA) clean $(if $(env),--env $(env))
check:
	$(LAVA) check
init:
	$(LAVA) init
black:
	black lava-payloads misc
update:
	$(LAVA) update
`;

/** `etc/Makefile`, which `misc/Makefile.local` includes for values of the config and the realm (FW-220). */
export const ETC_MAKEFILE = `# For misc/Makefile.local: $(call get_config,prefix.job), $(call get_realm_info,lava.realm.s3_temp).
JINJA ?= lava jinja
get_config = $(shell echo '+{$(1)}+' | $(JINJA) -d + --file '$(CONFIG)' --file '$(REALM_INFO)')
get_realm_info = $(shell echo '+{$(1)}+' | $(JINJA) -d + --file '$(REALM_INFO)')
`;

/** `misc/Makefile.local.sample`: each target, and nothing done (FW-221). */
export const MAKEFILE_LOCAL = `# Copy this to Makefile.local, which updates leave alone.
include ../etc/Makefile

.PHONY: dist pre-install install uninstall

# After a build. DIST is the folder for what is made here.
dist:
\t@:

# Before a deployment, to see whether it can be done.
pre-install:
\t@:

# After a deployment.
install:
\t@:

# After an uninstall.
uninstall:
\t@:
`;
