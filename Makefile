# Two commands do all the set-up: make demo, make test. `make help` lists the rest.

SHELL := /bin/bash
SECONDS ?= 60
.DEFAULT_GOAL := help

help: ## What there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## The main job on real input: controller, tgtd, pad, agent, association (under 60 s after the build)
	@Tests/Tools/install-dependencies demo
	@Tests/Demo/demo

test: ## Formatting, layers, every test, and the agent's packages
	@Tests/Tools/install-dependencies test
	@Tests/Tools/test

build: ## The programs, for release, in .build/release
	@Tests/Tools/install-dependencies build
	swift build -c release --static-swift-stdlib --disable-local-rpath

packages: ## Debian and RPM packages, reproducibly, in .build/packages (PART=agent or PART=controller for one)
	@Tests/Tools/install-dependencies packages
	@agent-packaging/tools/build $(PART)

packages-test: ## The packages linted, built twice and compared, installed, upgraded, removed and purged in clean roots (root)
	@Tests/Tools/install-dependencies packages
	@Tests/Packages/run $(PART)

packages-twice: ## The packages compiled in two folders of different names, and compared (PART=agent or PART=controller; long)
	@Tests/Tools/install-dependencies packages
	@Tests/Packages/build-twice $(PART)

format: ## Put the sources into the one format
	swift format --in-place --recursive Sources Tests Package.swift

bench: ## Speed and memory, each beside its peer in one run
	@Tests/Tools/install-dependencies bench
	@Tests/Benchmarks/run

lab: ## Scenarios on real kernels, in virtual machines: facts, captures, events, packages and service, pads (root; SCENARIO=pads for one)
	@Tests/Tools/install-dependencies lab
	@Tests/Lab/run $(SCENARIO)

soak: ## A day of the daemon on a host with 4,000 disks, and 10,000 hot-plug events (root, hours; MAPS, DISKS, ROUNDS, EVENTS)
	@Tests/Tools/install-dependencies lab
	@LIMIT=$(or $(LIMIT),28800) Tests/Lab/run $(or $(SCENARIO),day soak)

fuzz: ## Every fuzz target for SECONDS each (60)
	@Tests/Tools/install-dependencies build
	@Tests/Fuzz/run $(SECONDS)

simulate: ## The simulation of hosts, pad and intake: SEEDS=100000, or SEED=4711 to replay one
	@Tests/Tools/install-dependencies build
	@SEEDS="$(SEEDS)" SEED="$(SEED)" swift test --filter SimulationTests

clean: ## Remove what was built
	rm -rf .build .build-*

.PHONY: help demo test build packages packages-test packages-twice format bench lab soak fuzz simulate clean
