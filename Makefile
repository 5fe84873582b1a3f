# 1798 一起救吧. Every target does its own set-up; nothing needs root.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# The first Python that is new enough; or name one: make PYTHON=/path/to/python3.12
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)

VENV := .venv/bin/python
SETUP := $(PYTHON) -m config.toolchain
export PYTHONPATH := $(CURDIR):$(CURDIR)/platform
# make's own settings, such as -j, are not for what it starts.
unexport MAKEFLAGS

.PHONY: help run demo city test lint format schemas bench setup backend python

help:  ## this list / 本说明
	@echo "1798 一起救吧"
	@echo
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -e 's/:[^#]*##/	/' | while IFS='	' read -r name text; do \
		printf '  make %-8s %s\n' "$$name" "$$text"; done
	@echo
	@echo "  DATABASE_URL=postgresql://...  a PostgreSQL of yours (superuser) instead of the embedded one"
	@echo "  BROKER_URL=amqp://...          a RabbitMQ of yours;  PORT=8080  another port"

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.12" >&2; exit 1; }

backend: python
	@$(SETUP) backend

setup: python
	@$(SETUP)

run: setup  ## set up, seed an empty database, run one round, serve at 127.0.0.1:8000 / 启动
	@$(VENV) -m config.run run

demo: setup  ## one full round on a database of its own; the last line is JSON / 演示一轮
	@$(VENV) -m config.run demo

city: setup  ## generate and load the whole city: 94,000 households / 全市数据
	@$(VENV) -m config.run city

test: setup  ## set up and run every check and test / 全部检查与测试
	@$(VENV) -m config.verify test

lint: backend  ## formatting, types, layers, migrations, schemas / 静态检查
	@$(VENV) -m config.verify lint

format: backend  ## let ruff mend what it can / 自动整理
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

schemas: backend  ## write api/openapi.yaml and api/schema.graphql anew / 更新接口文件
	@$(VENV) -m config.verify schemas

bench: backend  ## measure; ONLY=matching for one app; writes build/bench.json / 性能
	@$(VENV) -m tests.bench $(ONLY)
