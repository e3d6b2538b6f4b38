# `make` alone prints the targets.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

# The name tsc is that of both compilers (docs/dependencies.md).
tsc := node_modules/typescript-native/bin/tsc
installed := node_modules/.installed
generated := src/gen/.generated
built := dist/.built
protos := $(shell find proto -name '*.proto')
sources := $(shell find src migrations runner suite -name '*.ts' -not -path 'src/gen/*' -not -name '*.test.ts')

.PHONY: help run dev build test check generate format golden coverage contract client-contract nightly suite-times-five conformance outsiders bench faults release-contract clean

help: ## print this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: $(built) ## install, build and serve on http://localhost:8080, with an embedded Postgres
	@exec node --enable-source-maps dist/src/main.js serve

dev: $(installed) ## the same, and restart when a file changes
	@exec tsx watch --clear-screen=false --include 'proto/**/*.proto' src/main.ts serve

build: $(built) ## install, generate and compile into dist/

test: $(built) ## every test, on databases of its own; the contract in three pairs of serializations
	@mocha --parallel --jobs 3

check: $(installed) ## types, lint, format, contract, generated and golden files, laws, unused exports
	@tsx scripts/check.ts

generate: $(installed) ## src/gen/ and proto/ROUTES.txt, from the .proto files
	tsx scripts/generate.ts
	@touch $(generated)

client-contract: $(built) ## the .proto files for clients, in dist/client-contract; ARGS="--out FOLDER" for another folder
	@node dist/src/main.js client-contract $(or $(ARGS),--out dist/client-contract)

golden: $(installed) ## today's messages and routes become the ones that released clients know (test/golden/)
	@tsx scripts/golden.ts

format: $(installed) ## rewrite files in the house's format
	oxfmt
	buf format -w

coverage: $(built) ## the lines of src/ that no test reaches
	@# Without the tests that hold the event loop to a bound: counting lines slows what they measure.
	c8 mocha --reporter dot --ignore 'test/engine/{codecs/codec-cost,http/hostile}.test.ts'

contract: $(built) ## every promise of the contract in all nine pairs, on a server of its own; ARGS="--url ..." for another
	@tsx test/contract/boot.ts $(ARGS)

nightly: $(built) ## what takes too long for each push: all pairs, thousands of generated messages, schemathesis, faults, conformance
	@CONTRACT_PAIRS=all mocha --parallel --jobs 2 --reporter dot test/contract/{cases,derived}.test.ts test/permissions/permissions.test.ts
	@tsx test/contract/boot.ts --runs 3000 $(ARGS)
	@LARGE_FILES=1 mocha --reporter dot test/files/large-files.test.ts test/achievements/large-export.test.ts
	@PLAY_ENDPOINT=1 mocha --reporter dot test/pages/adding-an-endpoint.test.ts
	@MUTANTS=all mocha --reporter dot test/runner/mutants/mutants.test.ts
	@RUNS=all mocha --reporter dot test/runs.test.ts
	@CONTRACT_PAIRS=all mocha --reporter dot test/runner/library/library.test.ts
	@REPEATS=all mocha --reporter dot $$(grep -rl 'repeats(' test --include '*.test.ts')
	@STOPS=all mocha --reporter dot test/resilience/stops.test.ts
	@SCHEMATHESIS_EXAMPLES=100 mocha --reporter dot test/schemathesis/schemathesis.test.ts
	@tsx test/doors/socket/fuzz.ts --frames 100000
	@tsx test/doors/autobahn.ts || [ $$? -eq 3 ]
	@tsx test/faults/faults.ts
	@tsx test/faults/realtime/realtime.ts
	@FAULT_CONTROLS=all mocha --reporter dot test/faults/controls.test.ts test/faults/realtime/realtime.test.ts
	@tsx test/conformance/run.ts

suite-times-five: $(built) ## the time of the contract's tests at five times the routes; ARGS="--all" for all of make test
	@tsx test/contract/suite-at-five.ts $(ARGS)

conformance: $(installed) ## the official protobuf conformance tests; Error 3 where their runner cannot run
	@tsx test/conformance/run.ts

outsiders: $(built) ## clients that others would build from the contract, with their tools; ARGS="--only go,python"
	@tsx test/outsiders/outsiders.ts $(ARGS)
	@# Beside all of them, the programs of docs/client-guide.md, those that need a compiler too.
	@$(if $(findstring --only,$(ARGS))$(findstring --list,$(ARGS)),,PLAY_COMPILED=1 mocha test/pages/pages.test.ts -g client-guide)

bench: $(built) ## what a request costs, beside a bare server doing the same work; ARGS="--before FOLDER" also beside an earlier build
	@tsx bench/bench.ts $(ARGS)
	@tsx bench/people.ts $(ARGS)
	@tsx bench/files.ts $(ARGS)
	@tsx bench/updates.ts $(ARGS)
	@tsx bench/school-life/school-life.ts $(ARGS)
	@# Each socket is an open file, in two processes.
	@ulimit -n "$$(ulimit -Hn)" && tsx bench/realtime/realtime.ts $(ARGS)

faults: $(built) ## servers on one Postgres under load, and all that may befall them; ARGS="--kinds kill-postgres"
	@tsx test/faults/faults.ts $(ARGS)
	@# With options of its own: see --help of it.
	@$(if $(ARGS),,tsx test/faults/realtime/realtime.ts)

release-contract: $(installed) ## make today's contract the one that must not be broken
	buf build --exclude-source-info -o proto/released.binpb

clean: ## remove what was installed and built; never the data
	rm -rf node_modules dist coverage

$(installed): package.json package-lock.json .npmrc
	@echo "installing packages ..."
	@npm ci --no-audit --no-fund --loglevel error
	@touch $@

$(generated): $(protos) buf.gen.yaml | $(installed)
	@tsx scripts/generate.ts
	@touch $@

$(built): $(sources) $(generated) tsconfig.json tsconfig.build.json | $(installed)
	@echo "building ..."
	@# The types are checked by make check.
	@node $(tsc) -p tsconfig.build.json --noCheck
	@# Outputs of sources that were moved or removed: a stale case file would be found by its name.
	@find dist -name '*.js' | while read -r js; do ts=$${js#dist/}; [ -e "$${ts%.js}.ts" ] || rm -f "$$js" "$$js.map"; done
	@chmod +x dist/src/main.js dist/suite/lyceum-contract.js
	@touch $@
