# Shortcuts; bootstrap.py does the work and needs only python3 and pip.
.PHONY: demo test install
demo test install:
	python3 bootstrap.py $@
