# Every verb is one line: a playbook, or one command. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# What the command line gives is data, and nobody reads it as code: not make, which would expand it for the environment of
# all that it starts; not a shell, since no recipe has it in it. scripts/verb finds it in HYDRA_ARG_NAME as it was typed,
# checks it and hands it on. A recipe says which it takes: VARIABLE=ARGUMENT. The environment's FORCE or IMAGE counts for nothing.
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
unexport $(GIVEN)
$(foreach name,$(GIVEN),$(eval export HYDRA_ARG_$(name) := $$(value $(name))))
export HYDRA_GIVEN := $(GIVEN)
export HYDRA_GOALS := $(MAKECMDGOALS)
# Without site packages, Python starts in a tenth of the time.
override VERB := .venv/bin/python3 -IS scripts/verb

# What runs at the same time: lanes, each one part after the other.
override TEST := "make test: molecule | lint unit sanity | smoke"

## The cluster
swarm-up: .venv/ready         ## Build the swarm, or bring it to what the inventory says
	@$(VERB) play swarm-up
site: .venv/ready             ## The swarm, and then all stacks of the inventory
	@$(VERB) play site
swarm-down: .venv/ready       ## Stop everything and keep it; the next swarm-up resumes the same swarm
	@$(VERB) play swarm-down
swarm-clean: .venv/ready      ## Remove everything this project made, data too (asks; FORCE=1 does not; KEEP_IMAGE=1)
	@$(VERB) play swarm-clean confirm=FORCE dind_cluster_keep_image=KEEP_IMAGE
swarm-status: .venv/ready     ## Nodes, labels, services, storage, use (FORMAT=json)
	@$(VERB) play swarm-status format=FORMAT
nfs-status: .venv/ready       ## What the NFS server exports, and how full it is (FORMAT=json)
	@$(VERB) play nfs-status format=FORMAT

## The nodes
nodes-up: .venv/ready         ## Start the node containers
	@$(VERB) play nodes-up
nodes-down: .venv/ready       ## Stop the node containers; the NFS server stays
	@$(VERB) play nodes-down
nodes-logs: .venv/ready       ## The nodes' logs (NODE=chimera for one, LINES=50)
	@$(VERB) play nodes-logs node=NODE lines=LINES
exec: .venv/ready             ## A shell on a node: make exec NODE=chimera (CMD="docker ps" for one command)
	@$(VERB) run scripts/exec-node inventory=INVENTORY node=NODE command=CMD
exec-hydra exec-chimera exec-cerberus: exec-%: .venv/ready ## The same for that node
	@$(VERB) run scripts/exec-node --node=$* inventory=INVENTORY command=CMD

node-remove: .venv/ready      ## Take a node out of the swarm for good, a dead one too: make node-remove NODE=chimera (asks; FORCE=1 does not)
	@$(VERB) play node-remove node=NODE confirm=FORCE

## Stacks
deploy-stack: .venv/ready     ## Deploy a stack file and wait: make deploy-stack STACK=web FILE=web.yml (ARGS="--check --diff")
	@$(VERB) play deploy-stack stack=STACK file=FILE format=FORMAT
stack-status: .venv/ready     ## What runs where, and where it answers (STACK=web, FORMAT=json)
	@$(VERB) play stack-status stack=STACK format=FORMAT
remove-stack: .venv/ready     ## Remove a stack; volumes stay: make remove-stack STACK=web
	@$(VERB) play remove-stack stack=STACK
deploy-all: .venv/ready       ## Deploy every stack of the inventory
	@$(VERB) play deploy-all
remove-all: .venv/ready       ## Remove every stack of the inventory; volumes stay
	@$(VERB) play remove-all
load-image: .venv/ready       ## Images of this computer onto the nodes: make load-image IMAGE=web:1 (NODES=chimera,cerberus)
	@$(VERB) play load-image image=IMAGE nodes=NODES
update-service: .venv/ready   ## Run a rebuilt image: make update-service SERVICE=web_app IMAGE=app:latest
	@$(VERB) play update-service service=SERVICE image=IMAGE

## Students
student-volume: .venv/ready   ## Storage on every node: make student-volume STUDENT=ada PROJECT=ml (NAME=..., QUOTA=10g, STATE=absent PURGE=1)
	@$(VERB) play student-volume student=STUDENT project=PROJECT state=STATE owner=OWNER mode=MODE quota=QUOTA \
		volume_name=NAME purge=PURGE confirm=FORCE
student-up: .venv/ready       ## A workspace: make student-up STUDENT=ada (IMAGE=..., GPU=1)
	@$(VERB) play student-up student=STUDENT image=IMAGE gpu=GPU
student-down: .venv/ready     ## End it; the data stays: make student-down STUDENT=ada
	@$(VERB) play student-down student=STUDENT
student-list: .venv/ready     ## All workspaces (FORMAT=json)
	@$(VERB) play student-list format=FORMAT

## Rehearsing failures
test-failure: .venv/ready     ## Drain a node and show what moves where: make test-failure NODE=chimera (HOW=kill FOR=60, FORMAT=json)
	@$(VERB) play test-failure node=NODE how=HOW seconds=FOR format=FORMAT
drill: .venv/ready            ## All failures, one after the other; a report in build/ (NODE=chimera, HOW=kill,hang, FOR=20, FORMAT=json)
	@$(VERB) play drill node=NODE how=HOW seconds=FOR format=FORMAT
restore-node: .venv/ready     ## Undo that, in whatever state it is: make restore-node NODE=chimera (NODE=all)
	@$(VERB) play restore-node node=NODE format=FORMAT

recover-quorum: .venv/ready   ## Most managers are lost with their data: the same swarm again, from the one that knows most (asks; FORCE=1 does not)
	@$(VERB) play recover-quorum confirm=FORCE

## Backups
backup: .venv/ready           ## The swarm and the NFS data in one sealed file: make backup KEYFILE=key.txt (TO=folder, KEEP=14)
	@$(VERB) play backup backup_to=TO backup_key=KEYFILE backup_keep=KEEP
restore: .venv/ready          ## Put it back: make restore FROM=file KEYFILE=key.txt (FORCE=1 overwrites what lives)
	@$(VERB) play restore restore_from=FROM backup_key=KEYFILE confirm=FORCE

## Servers
preflight: .venv/ready        ## Say what is missing before anything is touched: make preflight INVENTORY=inventories/prod (FORMAT=json)
	@$(VERB) play preflight format=FORMAT
swarm-upgrade: .venv/ready    ## Upgrade the engines, one node at a time and drained (VERSION=28.5)
	@$(VERB) play swarm-upgrade version=VERSION
gpu-verify: .venv/ready       ## Try that a task with one GPU sees that one alone (NODE=chimera, IMAGE=...)
	@$(VERB) play gpu-verify node=NODE gpu_verify_image=IMAGE

## The lab: servers to rehearse production on
lab-up: .venv/ready           ## Servers on this computer; then: make swarm-up INVENTORY=inventories/lab
	@$(VERB) play lab-up inventory=LAB
lab-down: .venv/ready         ## Remove them with all data (KEEP_IMAGE=1 keeps what they start from)
	@$(VERB) play lab-down inventory=LAB lab_host_keep_image=KEEP_IMAGE
lab-status: .venv/ready       ## What runs (FORMAT=json)
	@$(VERB) play lab-status inventory=LAB format=FORMAT
lab-ssh: .venv/ready          ## A shell on a server: make lab-ssh NODE=hydra (CMD="uptime" for one command)
	@$(VERB) run scripts/exec-node inventory=LAB node=NODE command=CMD

## Developing this project
lint: .venv/test-ready        ## ansible-lint, yamllint, ruff, mypy
	@scripts/lint
unit: .venv/test-ready        ## Unit tests, in seconds
	@scripts/in-collection pytest -q tests/unit
sanity: .venv/test-ready      ## ansible-test sanity on the built collection
	@scripts/sanity
molecule: .venv/test-ready    ## A development cluster of its own: built, verified, broken, healed, removed
	@scripts/molecule test default
smoke: .venv/test-ready       ## The lab in short: its servers are made, checked, and what would be done to them is rehearsed
	@scripts/molecule test smoke
test: .venv/test-ready        ## All of these, three at a time; a table of what each took
	@scripts/parts $(TEST)
test-stacks: .venv/test-ready ## Stacks, images, students and storage on a cluster of their own
	@scripts/molecule test stack
test-servers: .venv/test-ready ## The same roles on servers: the lab is made, the swarm built, upgraded, rebooted; removed
	@scripts/molecule test prod
test-kernel: .venv/test-ready ## What needs a kernel of its own: routing mesh, NFS, quotas, upgrades and reboots under load
	@scripts/molecule test kernel
test-sources: .venv/test-ready ## Engines and toolkits from repositories like their vendors'
	@scripts/molecule test sources
test-lab: .venv/test-ready    ## All that is tested on servers
	@scripts/parts "test-lab: test-servers test-sources | test-kernel"
test-safety: .venv/test-ready ## What stands before students' workspaces, with the real proxy, and callers with bad intentions
	@scripts/molecule test safety
test-failures: .venv/test-ready ## Failures rehearsed and healed, on a cluster of their own; not yet part of test-all
	@scripts/molecule test failure
test-all: .venv/test-ready    ## Everything but test-failures
	@scripts/parts $(TEST) "the rest: test-kernel test-safety | test-stacks | test-servers test-sources"
bench: .venv/test-ready       ## Time swarm-up against the raw docker command line (NODES=3)
	@$(VERB) run scripts/in-collection python tests/bench/bench.py nodes=NODES
build: .venv/ready            ## The collection as a tarball, in build/
	@ansible-galaxy collection build --force --output-path build

.venv/ready: requirements.txt scripts/make-venv
	@scripts/make-venv requirements.txt && touch $@
.venv/test-ready: requirements-test.txt requirements.txt scripts/make-venv
	@scripts/make-venv requirements-test.txt && touch $@ .venv/ready

help:                         ## This list
	@awk -F':.*## ' '/^## /{printf "\n%s\n", substr($$0, 4)} /^[a-z].*:.*## /{n = split($$1, t, " "); for (i = 1; i <= n; i++) if (t[i] !~ /:/) printf "  %-15s %s\n", t[i], $$2}' Makefile

.PHONY: deploy-stack stack-status remove-stack deploy-all remove-all load-image update-service student-volume \
	student-up student-down student-list site preflight swarm-upgrade gpu-verify \
	swarm-up swarm-down swarm-clean swarm-status nfs-status nodes-up nodes-down nodes-logs exec exec-hydra \
	exec-chimera exec-cerberus node-remove test-failure drill restore-node recover-quorum backup restore lab-up lab-down lab-status lab-ssh lint unit sanity molecule smoke test test-stacks \
	test-safety test-failures test-servers test-kernel test-sources test-lab test-all bench build help
