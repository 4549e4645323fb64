// A point on a map, with Leaflet, where the installation has a source of tiles.
export async function openPicker(box, { leaflet, leafletStyle, tiles, lat, lon }, choose) {
  box.hidden = false;
  if (!window.L) {
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: leafletStyle });
    const script = Object.assign(document.createElement("script"), { src: leaflet });
    document.head.append(style, script);
    await new Promise((resolve, reject) => Object.assign(script, { onload: resolve, onerror: reject }));
  }
  if (box.dataset.ready) return;
  box.dataset.ready = "yes";
  const map = L.map(box).setView([Number(lat), Number(lon)], 9);
  L.tileLayer(tiles, { maxZoom: 19 }).addTo(map);
  let mark;
  map.on("click", ({ latlng }) => {
    mark?.remove();
    mark = L.circleMarker(latlng, { radius: 10 }).addTo(map);
    choose(latlng.lat, latlng.lng);
  });
}
