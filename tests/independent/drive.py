"""Drives a simulated cluster with proxmoxer, a client that knows nothing of this project."""

import os
import sys
import time
import warnings

from proxmoxer import ProxmoxAPI, ResourceException
from proxmoxer.tools import Tasks

warnings.simplefilter("ignore")
user, _, rest = os.environ["TOKEN_ID"].partition("!")
api = ProxmoxAPI(
    os.environ["ADDRESS"],
    user=user,
    token_name=rest,
    token_value=os.environ["TOKEN_SECRET"],
    # The certificate is made anew at each start, on this machine alone.
    verify_ssl=False,
    timeout=10,
)


def done(upid):
    status = Tasks.blocking_status(api, upid, timeout=60, polling_interval=0.1)
    if status is None or status["exitstatus"] != "OK":
        raise SystemExit(f"{upid}: {status}")


def check(condition, what):
    if not condition:
        raise SystemExit(f"not so: {what}")
    print(f"ok: {what}")


def refused(call, status, what):
    try:
        call()
    except ResourceException as error:
        check(error.status_code == status, f"{what}: {error.status_code} {error.status_message}")
    else:
        raise SystemExit(f"not refused: {what}")


node = next(row["node"] for row in api.nodes.get() if row["status"] == "online")
on = api.nodes(node)
storages = [row["storage"] for row in on.storage.get(content="images", enabled=1)]
store = "local-lvm" if "local-lvm" in storages else storages[0]
backups = next(row["storage"] for row in on.storage.get(content="backup", enabled=1))

vmid = int(api.cluster.nextid.get())
done(on.qemu.post(vmid=vmid, name="independent", memory=512, cores=1, scsi0=f"{store}:4", net0="virtio,bridge=vmbr0"))
vm = on.qemu(vmid)
check(vm.config.get()["name"] == "independent", "a VM is created")
refused(lambda: on.qemu.post(vmid=vmid, name="again"), 500, "the same VMID again")
refused(lambda: on.qemu.post(vmid=vmid + 1, nonsense=1), 400, "a parameter that is not known")

done(vm.snapshot.post(snapname="first", description="before"))
check({"first", "current"} <= {row["name"] for row in vm.snapshot.get()}, "a snapshot is taken")
vm.config.put(memory=1024)
done(vm.snapshot("first").rollback.post())
check(int(vm.config.get()["memory"]) == 512, "a rollback brings the configuration back")
done(vm.snapshot("first").delete())
check([row["name"] for row in vm.snapshot.get()] == ["current"], "a snapshot is deleted")

copy = int(api.cluster.nextid.get())
done(vm.clone.post(newid=copy, name="copy", full=1))
check(on.qemu(copy).config.get()["name"] == "copy", "a full clone is made")

done(vm.status.start.post())
check(vm.status.current.get()["status"] == "running", "a VM is started")
refused(lambda: vm.delete(), 500, "deleting a VM that runs")
done(vm.status.stop.post())

done(on.vzdump.post(vmid=vmid, storage=backups, mode="snapshot", compress="zstd"))
archives = on.storage(backups).content.get(content="backup", vmid=vmid)
check(len(archives) == 1 and archives[0]["size"] > 0, "a backup is made")

done(vm.delete(purge=1))
check(vmid not in [row["vmid"] for row in api.cluster.resources.get(type="vm")], "a VM is deleted")
done(on.qemu.post(vmid=vmid, archive=archives[0]["volid"], storage=store))
check(vm.config.get()["name"] == "independent", "a backup is restored")
for one in (vmid, copy):
    done(on.qemu(one).delete())
answer = on.storage(backups).content(archives[0]["volid"]).delete()
if answer:
    done(answer)
time.sleep(0.1)
check(on.storage(backups).content.get(content="backup", vmid=vmid) == [], "a backup is deleted")
sys.stdout.write("done\n")
