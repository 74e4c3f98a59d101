/** The form that orders a video. */
export function OrderPage() {
  return (
    <main>
      <h1>New video</h1>
    </main>
  );
}
