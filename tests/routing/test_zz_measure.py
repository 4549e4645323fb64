import asyncio, csv, time
from uuid import UUID
from chassis.db import set_row_scope
from chassis.security import Principal
from otklik.demo import read_reference
from services.routing.actions.queue import claim_assignments
from services.routing.classifier.model import load_model
from services.routing.handlers import handlers
from services.routing.schemas.assignments import Claim
from tests.routing.conftest import *
from tests.routing.test_queue import deadline

async def test_measure(routing, look):
    admin = routing.mint.headers("admin", ["*"])
    t=time.perf_counter(); 
    await routing.call("PUT", "/reference/46", admin, json=read_reference())
    print("reference", time.perf_counter()-t)
    rows=list(csv.DictReader(open('/work/shared/data/kursk_appeals.csv',encoding='utf-8')))
    for name, model in (("stub", StubClassifier()), ("real", load_model())):
        routing.app.state.desk.classifier=model
        if name=="real": model.predict([r["text"] for r in rows[-50:]])
        for b in range(4):
            events=[appeal(r["text"]) for r in rows[b*200:(b+1)*200]]
            t=time.perf_counter(); c=time.process_time()
            await routing.handle(*events)
            print(name, "ms/appeal wall", (time.perf_counter()-t)/200*1000, "cpu", (time.process_time()-c)/200*1000)
    ids=[r["id"] for r in await look.fetch("SELECT id FROM routing.assignment LIMIT 800")]
    for b in range(3):
        ev=[deadline(str(i), b) .model_copy(update={"sequence": b+1}) for i in ids[:200]]
        t=time.perf_counter(); c=time.process_time()
        await routing.handle(*ev)
        print("deadline ms", (time.perf_counter()-t)/200*1000, "cpu", (time.process_time()-c)/200*1000)
    await routing.load()
    routing.app.state.desk.classifier=StubClassifier()
    for _ in range(8):
        await routing.handle(*(appeal(topic="holes") for _ in range(500)))
    agency = Principal("c", "agency", frozenset({"46"}), ROADS, 0.0)
    import cProfile
    async def one(n):
        async with routing.app.state.sessions.begin() as session:
            await set_row_scope(session, organisation=str(ROADS))
            return len((await claim_assignments(session, agency, Claim(limit=50))).items)
    t=time.perf_counter(); c=time.process_time(); total=0
    async def worker():
        nonlocal total
        while n := await one(50): total+=n
    await asyncio.gather(*(worker() for _ in range(8)))
    e=time.perf_counter()-t
    print("claims/s", total/e, "cpu ms each", (time.process_time()-c)/total*1000, total)
    plan=await look.fetch("EXPLAIN (COSTS OFF) SELECT region, id FROM routing.assignment WHERE region='46' AND organisation_id=$1 AND lease_token IS NULL AND status IN ('new','reopened') ORDER BY due_at, received_at, id LIMIT 10 FOR NO KEY UPDATE SKIP LOCKED", ROADS)
    print("\n".join(r[0] for r in plan))
