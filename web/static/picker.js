// A point on a map, with Leaflet, where the installation has a source of tiles: by a click, or, without a mouse, the middle of the map.
export async function openPicker(box, { leaflet, leafletStyle, tiles, credit, lat, lon }, choose) {
  box.hidden = false;
  if (!window.L) {
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: leafletStyle });
    const script = Object.assign(document.createElement("script"), { src: leaflet });
    document.head.append(style, script);
    await new Promise((resolve, reject) => Object.assign(script, { onload: resolve, onerror: reject }));
  }
  if (box.dataset.ready) return;
  box.dataset.ready = "yes";
  box.role = "region";
  box.ariaLabel = "Карта: стрелки двигают её, плюс и минус меняют масштаб";
  const map = L.map(box).setView([Number(lat), Number(lon)], 9);
  map.attributionControl.setPrefix(false);
  L.tileLayer(tiles, { maxZoom: 19, attribution: credit }).addTo(map);
  let mark;
  function put(point) {
    mark?.remove();
    mark = L.circleMarker(point, { radius: 10 }).addTo(map);
    choose(point.lat, point.lng);
  }
  map.on("click", ({ latlng }) => put(latlng));
  const middle = Object.assign(document.createElement("button"), { type: "button", textContent: "Отметить середину карты" });
  middle.addEventListener("click", () => put(map.getCenter()));
  box.after(middle);
  box.focus({ preventScroll: true });
}
