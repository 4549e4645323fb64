import asyncio, time
from tests.intake.channels.test_flood import comments
async def test_prof(watch):
    page = await watch("vk")
    bodies = [b.encode() for b in comments(2000)]
    url = page.view["webhook"]
    app = page.app
    it = iter(bodies)
    async def one(body):
        async def receive():
            return {"type":"http.request","body":body,"more_body":False}
        st=[]
        async def send(m):
            if m["type"]=="http.response.start": st.append(m["status"])
        scope={"type":"http","method":"POST","path":url,"raw_path":url.encode(),"query_string":b"","headers":[(b"content-type",b"application/json")],"http_version":"1.1","scheme":"http","server":("x",1),"client":("127.0.0.1",1),"root_path":"","asgi":{"version":"3.0"}}
        await app(scope, receive, send)
        assert st==[200]
    async def conn():
        for b in it: await one(b)
    await one(next(it))
    for b in range(50): await one(next(it))
    c=time.process_time(); w=time.perf_counter()
    await asyncio.gather(*(conn() for _ in range(32)))
    n=len(bodies)-51
    print("\ncpu us each", (time.process_time()-c)/n*1e6, "wall us each", (time.perf_counter()-w)/n*1e6)
    # bare FastAPI in the same process
    from bench.reference import app as bare
    import json
    from bench.appeals import body
    bb=json.dumps(body(1),ensure_ascii=False).encode()
    async def oneb():
        async def receive():
            return {"type":"http.request","body":bb,"more_body":False}
        st=[]
        async def send(m):
            if m["type"]=="http.response.start": st.append(m["status"])
        scope={"type":"http","method":"POST","path":"/api/v1/appeals","raw_path":b"/api/v1/appeals","query_string":b"","headers":[(b"content-type",b"application/json")],"http_version":"1.1","scheme":"http","server":("x",1),"client":("127.0.0.1",1),"root_path":"","asgi":{"version":"3.0"}}
        await bare(scope, receive, send)
        assert st==[201]
    await oneb()
    c=time.process_time()
    for _ in range(2000): await oneb()
    print("bare cpu us", (time.process_time()-c)/2000*1e6)
