# Every verb is one line: a playbook, or one command. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
INVENTORY ?= inventories/dev
LAB ?= inventories/lab
NODE ?=
ARGS ?=
export PATH := $(CURDIR)/.venv/bin:$(PATH)
PLAY = ansible-playbook -i $(INVENTORY) $(ARGS)
# An extra variable, if its make variable has a value; with its quotes, a path may have spaces.
given = $(if $($(2)),-e $(1)='"$($(2))"')

# What runs at the same time: lanes, each one part after the other.
TEST = "make test: molecule | lint unit sanity smoke"

## The cluster
swarm-up: .venv/ready         ## Build the swarm, or bring it to what the inventory says
	@$(PLAY) playbooks/swarm-up.yml
site: .venv/ready             ## The swarm, and then all stacks of the inventory
	@$(PLAY) playbooks/site.yml
swarm-down: .venv/ready       ## Stop everything and keep it; the next swarm-up resumes the same swarm
	@$(PLAY) playbooks/swarm-down.yml
swarm-clean: .venv/ready      ## Remove everything this project made, data too (asks; FORCE=1 does not; KEEP_IMAGE=1)
	@$(PLAY) playbooks/swarm-clean.yml $(if $(filter 1,$(FORCE)),-e confirm=yes) \
		$(if $(filter 1,$(KEEP_IMAGE)),-e dind_cluster_keep_image=true)
swarm-status: .venv/ready     ## Nodes, labels, services, storage, use (FORMAT=json)
	@$(PLAY) playbooks/swarm-status.yml -e format=$(or $(FORMAT),table)
nfs-status: .venv/ready       ## What the NFS server exports, and how full it is (FORMAT=json)
	@$(PLAY) playbooks/nfs-status.yml -e format=$(or $(FORMAT),table)

## The nodes
nodes-up: .venv/ready         ## Start the node containers
	@$(PLAY) playbooks/nodes-up.yml
nodes-down: .venv/ready       ## Stop the node containers; the NFS server stays
	@$(PLAY) playbooks/nodes-down.yml
nodes-logs: .venv/ready       ## The nodes' logs (NODE=chimera for one, LINES=50)
	@$(PLAY) playbooks/nodes-logs.yml -e node=$(NODE) -e lines=$(or $(LINES),50)
exec: .venv/ready             ## A shell on a node: make exec NODE=chimera (CMD="docker ps" for one command)
	@scripts/exec-node $(INVENTORY) "$(NODE)" $(CMD)
exec-hydra exec-chimera exec-cerberus: exec-%: ## The same for that node
	@$(MAKE) --no-print-directory exec NODE=$*

## Stacks
deploy-stack: .venv/ready     ## Deploy a stack file and wait: make deploy-stack STACK=web FILE=web.yml (ARGS="--check --diff")
	@$(PLAY) playbooks/deploy-stack.yml $(call given,stack,STACK) $(call given,file,FILE) -e format=$(or $(FORMAT),table)
stack-status: .venv/ready     ## What runs where, and where it answers (STACK=web, FORMAT=json)
	@$(PLAY) playbooks/stack-status.yml $(call given,stack,STACK) -e format=$(or $(FORMAT),table)
remove-stack: .venv/ready     ## Remove a stack; volumes stay: make remove-stack STACK=web
	@$(PLAY) playbooks/remove-stack.yml $(call given,stack,STACK)
deploy-all: .venv/ready       ## Deploy every stack of the inventory
	@$(PLAY) playbooks/deploy-all.yml
remove-all: .venv/ready       ## Remove every stack of the inventory; volumes stay
	@$(PLAY) playbooks/remove-all.yml
load-image: .venv/ready       ## Images of this computer onto the nodes: make load-image IMAGE=web:1 (NODES=chimera,cerberus)
	@$(PLAY) playbooks/load-image.yml $(call given,image,IMAGE) $(call given,nodes,NODES)
update-service: .venv/ready   ## Run a rebuilt image: make update-service SERVICE=web_app IMAGE=app:latest
	@$(PLAY) playbooks/update-service.yml $(call given,service,SERVICE) $(call given,image,IMAGE)

## Students
student-volume: .venv/ready   ## Storage on every node: make student-volume STUDENT=ada PROJECT=ml (QUOTA=10g, STATE=absent PURGE=1)
	@$(PLAY) playbooks/student-volume.yml $(call given,student,STUDENT) $(call given,project,PROJECT) \
		$(call given,state,STATE) $(call given,owner,OWNER) $(call given,mode,MODE) $(call given,quota,QUOTA) \
		$(if $(filter 1,$(PURGE)),-e purge=true) $(if $(filter 1,$(FORCE)),-e confirm=yes)
student-up: .venv/ready       ## A workspace: make student-up STUDENT=ada (IMAGE=..., GPU=1)
	@$(PLAY) playbooks/student-up.yml $(call given,student,STUDENT) $(call given,image,IMAGE) $(call given,gpu,GPU)
student-down: .venv/ready     ## End it; the data stays: make student-down STUDENT=ada
	@$(PLAY) playbooks/student-down.yml $(call given,student,STUDENT)
student-list: .venv/ready     ## All workspaces (FORMAT=json)
	@$(PLAY) playbooks/student-list.yml -e format=$(or $(FORMAT),table)

## Rehearsing failures
test-failure: .venv/ready     ## Drain a node and show what moves where: make test-failure NODE=chimera
	@$(PLAY) playbooks/test-failure.yml -e node=$(NODE)
restore-node: .venv/ready     ## Take it into service again: make restore-node NODE=chimera
	@$(PLAY) playbooks/restore-node.yml -e node=$(NODE)

## Servers
preflight: .venv/ready        ## Say what is missing before anything is touched: make preflight INVENTORY=inventories/prod (FORMAT=json)
	@$(PLAY) playbooks/preflight.yml -e format=$(or $(FORMAT),table)
swarm-upgrade: .venv/ready    ## Upgrade the engines, one node at a time and drained (VERSION=28.5)
	@$(PLAY) playbooks/swarm-upgrade.yml $(call given,version,VERSION)
gpu-verify: .venv/ready       ## Try that a task with one GPU sees that one alone (NODE=chimera, IMAGE=...)
	@$(PLAY) playbooks/gpu-verify.yml $(call given,node,NODE) $(call given,gpu_verify_image,IMAGE)

## The lab: servers to rehearse production on
lab-up: .venv/ready           ## Servers on this computer; then: make swarm-up INVENTORY=inventories/lab
	@ansible-playbook -i $(LAB) $(ARGS) playbooks/lab-up.yml
lab-down: .venv/ready         ## Remove them with all data (KEEP_IMAGE=1 keeps what they start from)
	@ansible-playbook -i $(LAB) $(ARGS) playbooks/lab-down.yml $(if $(filter 1,$(KEEP_IMAGE)),-e lab_host_keep_image=true)
lab-status: .venv/ready       ## What runs (FORMAT=json)
	@ansible-playbook -i $(LAB) $(ARGS) playbooks/lab-status.yml -e format=$(or $(FORMAT),table)
lab-ssh: .venv/ready          ## A shell on a server: make lab-ssh NODE=hydra (CMD="uptime" for one command)
	@scripts/exec-node $(LAB) "$(NODE)" $(CMD)

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
test: .venv/test-ready        ## All of these, two at a time; a table of what each took
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
test-all: .venv/test-ready    ## Everything
	@scripts/parts $(TEST) "the rest: test-kernel | test-stacks | test-servers test-sources"
bench: .venv/test-ready       ## Time swarm-up against the raw docker command line (NODES=3)
	@scripts/in-collection python tests/bench/bench.py --nodes $(or $(NODES),3)
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
	exec-chimera exec-cerberus test-failure restore-node lab-up lab-down lab-status lab-ssh lint unit sanity molecule smoke test test-stacks \
	test-servers test-kernel test-sources test-lab test-all bench build help
